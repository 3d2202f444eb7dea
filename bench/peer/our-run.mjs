// Our side of bench/accuracy.mjs: a whole run by the trainer's child. Loaded by Vite, so that it may import the program's own sources.
import { join } from 'node:path'
import { scanDataset } from '../../src/main/dataset/scan'
import { manifestCounts, splitDataset } from '../../src/main/dataset/split'
import { RunFolder } from '../../src/main/storage/run-folder'
import { exampleRecord } from '../../src/main/storage/run-folder.examples'
import { runJob } from '../../src/main/trainer/host'
import { PRESET_CONFIGS } from '../../src/shared/domain/presets'
import { runConfigSchema } from '../../src/shared/domain/run-config'

const PRESETS = { frozen: 'fast', ratio: 'balanced', stages: 'best' }

/** Trains on a folder with train/, val/ and test/. Returns the best epoch's accuracies. `epochs`: of a stage where there are three. */
export async function trainRecipe(recipe, folder, directory, { epochs, seed, imageSize, precision }) {
  const preset = PRESET_CONFIGS[PRESETS[recipe]]
  const stages = (preset.stages ?? []).map((stage) => ({ ...stage, epochs }))
  const config = runConfigSchema.parse({ ...preset, stages, epochs: epochs * Math.max(1, stages.length), seed, image_size: imageSize, precision })
  const manifest = splitDataset(await scanDataset(folder, {}), { train: config.train_ratio, val: config.val_ratio, test: config.test_ratio }, config.seed)
  const record = { ...exampleRecord(), run_id: recipe, name: recipe, dataset_root: folder, classes: manifest.classes, counts: manifestCounts(manifest).split, backbone: config.backbone }
  const run = await RunFolder.create(join(directory, 'run'), { record, config, manifest })
  await runJob({ kind: 'train', runDirectory: run.directory, resume: false }, { onEvent: () => undefined }).result
  const accuracy = async (split) => (await run.readEvaluation(split, 'best'))?.report.accuracy ?? NaN
  return { val: await accuracy('val'), test: await accuracy('test') }
}
