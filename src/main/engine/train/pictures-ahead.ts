/** The pictures of the next pass are made while one is computed; never of more than one ahead. */
import type { Heads, LoadedPictures } from './heads'
import { NO_CLOCK, type PhaseClock } from './phase-clock'

export class PicturesAhead {
  private readonly passes: Iterator<readonly number[]>
  private upcoming: LoadedPictures | null

  /** `passes`: the pictures of one pass after the other, as they will be asked for. */
  constructor(
    private readonly heads: Heads,
    private readonly view: number,
    passes: Iterable<readonly number[]>,
    private readonly clock: PhaseClock = NO_CLOCK,
  ) {
    this.passes = passes[Symbol.iterator]()
    this.upcoming = this.begin()
  }

  /** The pictures of the pass whose turn it is, for `Heads.batch`; those after it are then in other threads' hands. */
  async next(): Promise<LoadedPictures> {
    const current = this.upcoming
    if (current === null) throw new Error('There are no more passes')
    this.upcoming = null
    await this.clock.within('augmentation', () => current.made)
    this.upcoming = this.begin()
    // From here on the main thread may be blocked.
    const { upcoming } = this
    if (upcoming !== null) await this.clock.within('pictures', () => upcoming.handedOver)
    return current
  }

  /** Waits for what is under way and forgets it, whether or not it fails. */
  async abandon(): Promise<void> {
    const { upcoming } = this
    this.upcoming = null
    await upcoming?.made.then(({ release }) => { release() }, () => undefined) // prettier-ignore
  }

  private begin(): LoadedPictures | null {
    const pass = this.passes.next()
    return pass.done === true ? null : this.heads.load(pass.value, this.view)
  }
}
