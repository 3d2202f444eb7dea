/** A run as its events tell it: a pure reduction, so that a replay ends where the live stream did. */
import { t } from '@lingui/core/macro'
import { totalEpochs } from '../../shared/domain/stages'
import type { Failure } from '../../shared/domain/error'
import type { EpochRecord } from '../../shared/domain/metrics'
import { isLive, type PreparePhase, type RunEvent, type RunRecord, type RunStatus, type SequencedRunEvent } from '../../shared/domain/run'

export type StartEvent = Extract<RunEvent, { event: 'start' }>
export type ProgressEvent = Extract<RunEvent, { event: 'progress' }>
export type StageEvent = Extract<RunEvent, { event: 'stage' }>
export type DoneEvent = Extract<RunEvent, { event: 'done' }>

export interface LogLine {
  at: string
  level: 'info' | 'warning'
  message: string
}

/** A guess at when the run ends, as made at `atMs`. */
export interface EndGuess {
  atMs: number
  endsAtMs: number
}

export interface RunView {
  /** Sequence of the newest durable event taken in; -1 before the first. */
  lastSequence: number
  start: StartEvent | null
  status: RunStatus | null
  statusMessage: string | null
  preparing: { phase: PreparePhase; done: number; total: number } | null
  progress: ProgressEvent | null
  epochs: EpochRecord[]
  /** As they began, in order; none in a run of one stage. */
  stages: StageEvent[]
  bestEpoch: number | null
  log: LogLine[]
  setAside: number
  endGuesses: EndGuess[]
  failure: Failure | null
  done: DoneEvent | null
}

export const EMPTY_RUN_VIEW: RunView = {
  lastSequence: -1,
  start: null,
  status: null,
  statusMessage: null,
  preparing: null,
  progress: null,
  epochs: [],
  stages: [],
  bestEpoch: null,
  log: [],
  setAside: 0,
  endGuesses: [],
  failure: null,
  done: null,
}

const MOST_LOG_LINES = 2000
const MOST_END_GUESSES = 40

function logged(view: RunView, at: string, level: LogLine['level'], message: string): LogLine[] {
  return [...view.log.slice(-(MOST_LOG_LINES - 1)), { at, level, message }]
}

/** A run of another process tells only whole epochs; what they took is then the guess. */
function guessesAfter(view: RunView, epochs: readonly EpochRecord[], at: string): EndGuess[] {
  if (view.progress !== null || view.start === null) return view.endGuesses
  const recent = epochs.slice(-5)
  const meanSeconds = recent.reduce((sum, record) => sum + record.seconds, 0) / recent.length
  const atMs = Date.parse(at)
  const left = totalEpochs(view.start.config) - (epochs.at(-1)?.epoch ?? 0)
  return [...view.endGuesses.slice(-(MOST_END_GUESSES - 1)), { atMs, endsAtMs: atMs + left * meanSeconds * 1000 }]
}

function epochLine(record: EpochRecord): string {
  const { epoch, train_loss, train_accuracy, val_loss, val_accuracy, val_macro_f1, seconds, is_best } = record
  const train = t`train loss ${{ loss: train_loss.toFixed(4) }} accuracy ${{ accuracy: train_accuracy.toFixed(4) }}`
  const validation = t`validation loss ${{ loss: val_loss.toFixed(4) }} accuracy ${{ accuracy: val_accuracy.toFixed(4) }} macro-F1 ${{ macroF1: val_macro_f1.toFixed(4) }}`
  const duration = `${seconds.toFixed(1)} s`
  return is_best ? t`epoch ${epoch}: ${train}, ${validation}, ${duration}, best so far` : t`epoch ${epoch}: ${train}, ${validation}, ${duration}`
}

/** `Stage 2 of 3, Late layers: epochs 6 to 15, 33 of 49 layers frozen, learning rate 0.0001, from the weights of epoch 5` */
function stageLine(event: StageEvent): string {
  const { stage, stages, name, first_epoch, epochs, frozen_layers, layers, learning_rates, from_epoch } = event
  const rates = Object.entries(learning_rates)
  const said = rates.length === 1 ? String(rates[0]?.[1]) : rates.map(([group, rate]) => `${group} ${Number(rate.toPrecision(3))}`).join(', ')
  const what = t`Stage ${stage} of ${stages}, ${name}: epochs ${{ first: first_epoch }} to ${{ last: first_epoch + epochs - 1 }}, ${{ frozen: frozen_layers }} of ${layers} layers frozen, learning rate ${{ rate: said }}`
  return from_epoch === null || from_epoch === 0 ? what : t`${{ stage: what }}, from the weights of epoch ${{ epoch: from_epoch }}`
}

function reduceOne(view: RunView, at: string, event: RunEvent): RunView {
  switch (event.event) {
    case 'start': {
      // A resumed run tells again from its checkpoint on; what came after that checkpoint did not happen.
      const kept = view.epochs.filter((record) => record.epoch <= (event.resumed_from_epoch ?? 0))
      const best = kept.findLast((record) => record.is_best)?.epoch ?? null
      const stages = view.stages.filter((stage) => event.resumed_from_epoch !== null && stage.first_epoch <= event.resumed_from_epoch + 1)
      return { ...view, start: event, epochs: kept, stages, bestEpoch: best, progress: null, preparing: null, endGuesses: [], failure: null, done: null }
    }
    case 'prepare': {
      // Only a status that is kept says that preparation is over; none says that it begins.
      const begins = view.status === null || view.status === 'waiting' || !isLive(view.status)
      const status = begins ? { status: 'preparing' as const, statusMessage: null, failure: null, done: null } : {}
      return { ...view, ...status, preparing: { phase: event.phase, done: event.done, total: event.total } }
    }
    case 'set_aside':
      return { ...view, setAside: view.setAside + 1, log: logged(view, at, 'warning', `${event.path}: ${event.message}`) }
    case 'stage':
      return { ...view, stages: [...view.stages.filter(({ stage }) => stage < event.stage), event], log: logged(view, at, 'info', stageLine(event)) }
    case 'log':
      return { ...view, log: logged(view, at, event.level, event.message) }
    case 'progress': {
      const atMs = Date.parse(at)
      const endGuesses =
        event.time_left_s === null ? view.endGuesses : [...view.endGuesses.slice(-(MOST_END_GUESSES - 1)), { atMs, endsAtMs: atMs + event.time_left_s * 1000 }]
      return { ...view, progress: event, preparing: null, endGuesses }
    }
    case 'epoch': {
      const { event: _, ...record } = event
      const epochs = [...view.epochs.filter((other) => other.epoch < record.epoch), record]
      const log = logged(view, at, 'info', epochLine(record))
      return { ...view, epochs, bestEpoch: record.is_best ? record.epoch : view.bestEpoch, preparing: null, log, endGuesses: guessesAfter(view, epochs, at) }
    }
    case 'status':
      return {
        ...view,
        status: event.status,
        statusMessage: event.message,
        ...(event.status === 'training' ? {} : { endGuesses: [] }),
        ...(isLive(event.status) ? {} : { progress: null, preparing: null }),
        ...(event.status === 'waiting' || event.status === 'preparing' ? { failure: null, done: null } : {}),
      }
    case 'error':
      return { ...view, failure: event.failure, log: logged(view, at, 'warning', event.failure.message) }
    case 'done':
      return { ...view, done: event, status: event.status, bestEpoch: event.best_epoch, progress: null, preparing: null }
  }
}

/** Passing events are sent live only and repeat the sequence of the durable event before them (0 where there is none). */
function isPassing(event: RunEvent): boolean {
  return event.event === 'progress' || event.event === 'prepare'
}

/** An event that could not be written has the largest sequence there is: it is told, but nothing is counted from it. */
function isCounted({ sequence, event }: SequencedRunEvent): boolean {
  return !isPassing(event) && sequence < Number.MAX_SAFE_INTEGER
}

/** The sequence to ask for when the stream is opened again after this event. */
export function nextSequence(next: number, item: SequencedRunEvent): number {
  return isCounted(item) ? Math.max(next, item.sequence + 1) : next
}

/**
 * Takes in events in order. Durable ones already seen (a stream opened again may repeat some) change nothing, nor do
 * passing ones that a durable one has overtaken.
 */
export function reduceRunEvents(view: RunView, events: readonly SequencedRunEvent[]): RunView {
  let next = view
  for (const item of events) {
    const { sequence, at, event } = item
    if (isPassing(event) ? sequence < next.lastSequence : sequence <= next.lastSequence) continue
    next = { ...reduceOne(next, at, event), lastSequence: isCounted(item) ? sequence : next.lastSequence }
  }
  return next
}

/**
 * What the run does now. The stream tells it first, but where one source says that the run is live and the other that it
 * has ended, the record is right: a resumed run's stream begins with the end of what went before.
 */
export function statusOf(run: { record: Pick<RunRecord, 'status'> | null; view: Pick<RunView, 'status'> }): RunStatus | null {
  const { record, view } = run
  if (record === null || view.status === null) return view.status ?? record?.status ?? null
  return isLive(record.status) === isLive(view.status) ? view.status : record.status
}

/** Where training is, in epochs with fractions: 2.5 is half through the third. */
export function epochsDone(view: RunView): number {
  const finished = view.epochs.at(-1)?.epoch ?? 0
  const progress = view.progress
  if (progress === null || progress.epoch <= finished || progress.phase === 'features') return finished
  const share = progress.total === 0 ? 0 : progress.done / progress.total
  return progress.epoch - 1 + (progress.phase === 'val' ? 0.85 + 0.15 * share : 0.85 * share)
}
