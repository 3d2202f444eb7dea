/** A run's history for people to read. */
import type { RunEvent } from '../../shared/domain/run'

/** One event as a line of a log, without its time. */
export function inWords(event: RunEvent): string {
  switch (event.event) {
    case 'start':
      return `started on ${event.device}: ${event.classes.length} classes, ${event.counts.train} + ${event.counts.val} + ${event.counts.test} pictures`
    case 'epoch':
      return `epoch ${event.epoch}: loss ${event.train_loss.toFixed(4)}, val loss ${event.val_loss.toFixed(4)}, val accuracy ${event.val_accuracy.toFixed(4)}`
    case 'stage':
      return `stage ${event.stage} of ${event.stages}, ${event.name}: ${event.epochs} epochs, ${event.frozen_layers} of ${event.layers} layers frozen`
    case 'set_aside':
      return `set aside ${event.path}: ${event.message}`
    case 'log':
      return `${event.level}: ${event.message}`
    case 'status':
      return `${event.status}${event.message === null ? '' : `: ${event.message}`}`
    case 'error':
      return `error ${event.failure.code}: ${event.failure.message}`
    case 'done':
      return `${event.status}: best epoch ${event.best_epoch}`
    case 'prepare':
    case 'progress':
      return event.event
  }
}
