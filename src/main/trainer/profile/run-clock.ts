/** The clock of a run that is profiled: every moment of the main thread counts for one phase. */
import type { Phase, Profile } from '../../../shared/domain/profile'
import { PHASE_NAMES } from '../../../shared/domain/profile'
import type { PhaseClock } from '../../engine/train/phase-clock'

interface Entry {
  readonly phase: Phase
}

export class RunClock implements PhaseClock {
  private readonly seconds = new Map<Phase, number>()
  private readonly times = new Map<Phase, number>()
  private readonly entries: Entry[] = []
  private readonly compiled = new WeakMap<object, Set<string>>()
  private switchedMs: number

  /**
   * @param beforeS seconds of the command before this process
   * @param now milliseconds since this process began; what lies before the first call is its start
   */
  constructor(
    private readonly beforeS = 0,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.switchedMs = now()
    this.seconds.set('command', beforeS)
    this.seconds.set('start', this.switchedMs / 1000)
  }

  within<T>(phase: Phase, work: () => T): T {
    const entry: Entry = { phase }
    this.count()
    this.entries.push(entry)
    this.times.set(phase, (this.times.get(phase) ?? 0) + 1)
    let result: T
    try {
      result = work()
    } catch (error) {
      this.leave(entry)
      throw error
    }
    if (!(result instanceof Promise)) {
      this.leave(entry)
      return result
    }
    const leave = (): void => {
      this.leave(entry)
    }
    // Whoever awaits the result has its error.
    result.then(leave, leave)
    return result
  }

  computing<T>(phase: Phase, session: object, shape: string, work: () => T): T {
    const shapes = this.compiled.get(session) ?? new Set<string>()
    this.compiled.set(session, shapes)
    if (shapes.has(shape)) return this.within(phase, work)
    shapes.add(shape)
    return this.within('compiling', work)
  }

  /** All phases up to now, in their order. They add up to the total. */
  reading(): Pick<Profile, 'total_s' | 'phases'> {
    this.count()
    const phases = PHASE_NAMES.map((phase) => ({ phase, seconds: this.seconds.get(phase) ?? 0, times: this.times.get(phase) ?? 0 }))
    return { total_s: this.beforeS + this.switchedMs / 1000, phases }
  }

  private leave(entry: Entry): void {
    this.count()
    // Not always the last: what was begun in it may end after it.
    const place = this.entries.lastIndexOf(entry)
    if (place >= 0) this.entries.splice(place, 1)
  }

  /** What went by since the last change belongs to the phase at hand. */
  private count(): void {
    const nowMs = this.now()
    const phase = this.entries.at(-1)?.phase ?? 'other'
    this.seconds.set(phase, (this.seconds.get(phase) ?? 0) + (nowMs - this.switchedMs) / 1000)
    this.switchedMs = nowMs
  }
}
