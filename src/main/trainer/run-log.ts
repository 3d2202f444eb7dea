/** What the run's log says of each event. */
import type { RunEvent } from '../../shared/domain/run'

export function logLine(event: RunEvent): string {
  switch (event.event) {
    case 'log':
      return event.message
    case 'epoch':
      return `epoch ${event.epoch} train_loss ${event.train_loss.toFixed(4)} train_accuracy ${event.train_accuracy.toFixed(4)} val_loss ${event.val_loss.toFixed(4)} val_accuracy ${event.val_accuracy.toFixed(4)} val_macro_f1 ${event.val_macro_f1.toFixed(4)} learning_rate ${event.learning_rate} seconds ${event.seconds.toFixed(1)}${event.is_best ? ' best' : ''}`
    case 'stage':
      return `stage ${event.stage}/${event.stages} ${event.name}: ${event.epochs} epochs, ${event.frozen_layers} of ${event.layers} layers frozen`
    case 'set_aside':
      return `set aside ${event.path}: ${event.message}`
    case 'error':
      return `error ${event.failure.code}: ${event.failure.message}`
    case 'status':
      return `status ${event.status}`
    default:
      return event.event
  }
}
