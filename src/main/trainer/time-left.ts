/** How fast training goes and how long it will still take, from the steps and epochs seen so far. */
import { resolvedViews, type RunConfig } from '../../shared/domain/run-config'
import type { StepProgress } from '../engine/train/loop'

/** A speed measured over less is noise; the one before it stands. */
const SHORTEST_S = 0.2

export class TimeLeft {
  imagesPerSecond = 0
  private phaseStarted = performance.now()
  private phaseKey = ''
  private epochStarted = performance.now()
  /** Seconds of the epochs of this session, told apart by whether the frozen prefix had to run for a new view. */
  private readonly epochSeconds: { withPrefix: boolean; seconds: number }[] = []
  private lastEpoch: number
  private share = 0
  private prefixRan = false

  constructor(
    private readonly config: RunConfig,
    epochsDone: number,
  ) {
    this.lastEpoch = epochsDone
  }

  note(progress: StepProgress): void {
    const key = `${progress.epoch}/${progress.phase}`
    const now = performance.now()
    if (key !== this.phaseKey) {
      this.phaseKey = key
      this.phaseStarted = now
    }
    if (progress.phase === 'features') this.prefixRan = true
    const seconds = (now - this.phaseStarted) / 1000
    if (progress.phase !== 'val' && seconds >= SHORTEST_S) this.imagesPerSecond = progress.done / seconds
    this.share = progress.done / progress.total
  }

  epochDone(epoch: number): void {
    const now = performance.now()
    this.epochSeconds.push({ withPrefix: this.prefixRan, seconds: (now - this.epochStarted) / 1000 })
    this.epochStarted = now
    this.lastEpoch = epoch
    this.prefixRan = false
    this.share = 0
  }

  /** Seconds to the end of the last epoch; null until one epoch has been seen. */
  get seconds(): number | null {
    if (this.epochSeconds.length === 0) return null
    const mean = (withPrefix: boolean) => {
      const seen = this.epochSeconds.filter((epoch) => epoch.withPrefix === withPrefix)
      return seen.length === 0 ? null : seen.reduce((sum, epoch) => sum + epoch.seconds, 0) / seen.length
    }
    const slow = mean(true)
    const quick = mean(false) ?? slow ?? 0
    const views = resolvedViews(this.config)
    let left = 0
    for (let epoch = this.lastEpoch + 1; epoch <= this.config.epochs; epoch++) left += epoch <= views ? (slow ?? quick) : quick
    return Math.max(0, left - this.share * quick * 0.5)
  }
}
