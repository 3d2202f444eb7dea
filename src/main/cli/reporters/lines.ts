/** The sentences about a run that bars and plain lines have in common. */
import { plannedStages, totalEpochs } from '../../../shared/domain/stages'
import { assertNever } from '../../../shared/domain/error'
import type { ClassificationReport } from '../../../shared/domain/metrics'
import type { PreparePhase, RunEvent } from '../../../shared/domain/run'
import { formatCount, formatMagnitude, formatPlural, formatRate, formatSeconds, formatShare, printable } from '../format'

type EventOf<Name extends RunEvent['event']> = Extract<RunEvent, { event: Name }>

export const PHASE_TITLES: Readonly<Record<PreparePhase, string>> = {
  engine: 'Loading the engine',
  weights: 'Reading the weights',
  decoding: 'Decoding pictures',
  features: 'Running the frozen layers',
  compiling: 'Compiling the training step',
}

/** What is said of every event but passing progress, which bars and plain lines show in their own ways. */
export type TellableEvent = Exclude<RunEvent, { event: 'prepare' | 'progress' }>

export interface Narrator {
  /** Epochs that are planned; 0 before the run has started. */
  readonly epochs: number
  lines(event: TellableEvent): string[]
}

/** Tells a run from its start on; `mark` is what the best epoch carries. */
export function createNarrator(mark: string): Narrator {
  let epochs = 0
  let monitor = ''
  let stageEpochs: readonly number[] = []
  return {
    get epochs() {
      return epochs
    },
    lines(event) {
      switch (event.event) {
        case 'start':
          epochs = totalEpochs(event.config)
          monitor = event.config.monitor
          stageEpochs = plannedStages(event.config).map((stage) => stage.epochs)
          return startLines(event)
        case 'epoch':
          return [epochLine(event, epochs, mark)]
        case 'stage':
          // One before it may have ended early.
          epochs = stageEpochs.slice(event.stage - 1).reduce((sum, count) => sum + count, event.first_epoch - 1)
          return [stageLine(event)]
        case 'set_aside':
          return [`Set aside: ${printable(event.path)}: ${printable(event.message)}`]
        case 'log':
          return [printable(event.message)]
        case 'status':
          return event.message === null ? [] : [printable(event.message)]
        case 'done':
          return doneLines(event, monitor)
        case 'error':
          // Said once, by whoever ends the program.
          return []
        default:
          return assertNever(event, 'run event')
      }
    },
  }
}

export function startLines(event: EventOf<'start'>): string[] {
  const { counts, config } = event
  const test = counts.test === 0 ? 'no test pictures' : `${formatCount(counts.test)} test`
  const frozen = event.frozen_layers === 0 ? 'nothing frozen' : `${event.frozen_layers} of ${event.layers} layers frozen`
  const views = config.augment ? `, ${formatPlural(event.views, 'view')} of each picture` : ', no augmentation'
  return [
    `Device    ${printable(event.device)}`,
    `Classes   ${event.classes.length}: ${printable(event.classes.slice(0, 8).join(', '))}${event.classes.length > 8 ? ', ...' : ''}`,
    `Pictures  ${formatCount(counts.train)} train, ${formatCount(counts.val)} validation, ${test}`,
    `Network   ${config.backbone}, ${formatMagnitude(event.parameters)} parameters (${formatMagnitude(event.trainable_parameters)} trainable), ${frozen}`,
    `Training  ${formatPlural(totalEpochs(config), 'epoch')}${config.stages.length === 0 ? '' : ` in ${config.stages.length} stages`}, batches of ${String(event.resolved['batch_size'] ?? config.batch_size)}, ${config.optimizer}${config.stages.length === 0 ? `, learning rate ${formatRate(config.learning_rate)}` : ''}${views}`,
    `Run       ${printable(event.run_dir)}`,
    ...(event.resumed_from_epoch === null ? [] : [`Resumed after epoch ${event.resumed_from_epoch}`]),
  ]
}

/** What a stage changes. */
export function stageLine(event: EventOf<'stage'>): string {
  const frozen = event.frozen_layers === 0 ? 'nothing frozen' : `${event.frozen_layers} of ${event.layers} layers frozen`
  const rates = Object.entries(event.learning_rates).map(([group, rate]) => (group === 'all' ? formatRate(rate) : `${group} ${formatRate(rate)}`))
  const from = event.from_epoch === null ? '' : `, from epoch ${event.from_epoch}`
  return `Stage ${event.stage}/${event.stages}  ${printable(event.name)}: ${formatPlural(event.epochs, 'epoch')}, ${frozen}, learning rate ${rates.join(', ')}${from}`
}

/** The summary of an epoch; `mark` is what the best one carries. */
export function epochLine(event: EventOf<'epoch'>, epochs: number, mark: string): string {
  const width = String(epochs).length
  return [
    `Epoch ${String(event.epoch).padStart(width)}/${epochs}`,
    `train loss ${event.train_loss.toFixed(4)} accuracy ${formatShare(event.train_accuracy)}`,
    `val loss ${event.val_loss.toFixed(4)} accuracy ${formatShare(event.val_accuracy)} macro F1 ${event.val_macro_f1.toFixed(3)}`,
    `lr ${formatRate(event.learning_rate)}`,
    `${formatSeconds(event.seconds)}, ${formatCount(event.images_per_second)} images/s${event.is_best ? `  ${mark}` : ''}`,
  ].join('  ')
}

export function doneLines(event: EventOf<'done'>, monitor: string): string[] {
  const ending = event.status === 'stopped' ? 'Stopped' : 'Done'
  return [
    `${ending} after ${formatSeconds(event.total_s)}. Best epoch ${event.best_epoch} (${monitor.replaceAll('_', ' ')} ${event.best_metric.toFixed(4)}).`,
    ...(event.test === null ? ['There is no test split, so the figures above are of the validation pictures.'] : [testLine(event.test)]),
    `Run: ${printable(event.run_dir)}`,
  ]
}

function testLine(test: ClassificationReport): string {
  return `Test: accuracy ${formatShare(test.accuracy)}, macro F1 ${test.macro.f1.toFixed(3)}, loss ${test.loss.toFixed(4)} on ${formatPlural(test.count, 'held-out picture')}.`
}
