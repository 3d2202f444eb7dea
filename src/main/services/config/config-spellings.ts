/** What other scripts call Graft's settings: as keys of files, and with dashes as flags. */
import type { RunConfigKey } from '../../../shared/domain/run-config'

export const SPELLINGS: ReadonlyMap<string, RunConfigKey> = new Map<string, RunConfigKey>([
  ['lr', 'learning_rate'],
  ['img_size', 'image_size'],
  ['model_name', 'backbone'],
  ['model', 'backbone'],
  ['workers', 'num_workers'],
  ['patience', 'early_stopping_patience'],
  ['min_lr', 'minimum_learning_rate'],
  ['num_epochs', 'epochs'],
  ['wd', 'weight_decay'],
])
