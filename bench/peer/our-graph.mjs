// The training step's graph as a SavedModel, for bench/trace.mjs. Loaded by Vite.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileRun, runNetwork } from '../../src/main/trainer/run-session'
import { runConfigSchema } from '../../src/shared/domain/run-config'

/** Writes DIRECTORY/saved_model.pb and DIRECTORY/step.json: what a step is fed and fetches. */
export function writeGraph({ directory, backbone, ratio, side, precision, batch, classes = 10 }) {
  const config = runConfigSchema.parse({ backbone, weights: 'none', freeze_ratio: ratio, image_size: side })
  const program = compileRun(runNetwork(config, classes), config, { precision })
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'saved_model.pb'), program.savedModel)
  const specs = new Map(program.placeholders.map((spec) => [spec.name, spec]))
  const feed = (name) => ({ name, dtype: specs.get(name).dtype, shape: specs.get(name).shape.map((size) => (size === -1 ? batch : size)) })
  const step = {
    feeds: program.train.pass.feeds.map(feed),
    fetches: program.train.pass.fetches,
    state: { feeds: [...program.stateIn.feeds.values()].map(feed), fetch: program.stateIn.fetch },
  }
  writeFileSync(join(directory, 'step.json'), JSON.stringify(step))
  return { directory }
}
