/** What a run's folder says of how it learned. Nothing is drawn and no engine is loaded, so that every door may ask. */
import { adviceFor, type Finding, FINDING_TITLES } from '../../shared/domain/advice'
import type { Manifest } from '../../shared/domain/dataset'
import { leakageFinding, leakageOf } from '../../shared/domain/leakage'
import type { EpochRecord } from '../../shared/domain/metrics'
import type { RunRecord } from '../../shared/domain/run'
import { manifestCounts } from '../dataset/split'
import type { RunFolder } from '../storage/run-folder'

/** The history of the run, as its checkpoint keeps it. */
export async function historyOf(folder: RunFolder): Promise<readonly EpochRecord[]> {
  return (await folder.checkpointState('latest'))?.history ?? (await folder.checkpointState('best'))?.history ?? []
}

/** What the run's numbers say of it. `record`: for what `run.json` does not say yet. */
export async function findingsOf(folder: RunFolder, record: RunRecord, epochs: readonly EpochRecord[], manifest: Manifest): Promise<Finding[]> {
  if (record.origin === 'imported') return []
  const { classes, split } = manifestCounts(manifest)
  const advice = adviceFor({
    epochs,
    bestEpoch: record.best_epoch,
    config: await folder.config(),
    trainPictures: classes.map(({ train }) => train),
    valPictures: split.val,
    failure: record.failure,
  })
  return [...(await leakage(folder, manifest)), ...advice]
}

/** Of the split that is the measure, once it was measured. */
async function leakage(folder: RunFolder, manifest: Manifest): Promise<Finding[]> {
  for (const split of ['test', 'val'] as const) {
    const evaluation = await folder.currentEvaluation(split, 'best')
    if (evaluation === null) continue
    const found = leakageOf(manifest, evaluation.predictions)
    return found === null ? [] : [leakageFinding(found, split)]
  }
  return []
}

/** The same for a run that is asked about from outside. */
export async function findingsOfRun(folder: RunFolder): Promise<Finding[]> {
  return findingsOf(folder, await folder.record(), await historyOf(folder), await folder.manifest())
}

/** `Overfitting. Mild: … Worth a try: more dropout; …` */
export function findingLine({ kind, headline, tries }: Finding): string {
  return `${FINDING_TITLES[kind]}. ${headline}${tries.length === 0 ? '' : ` Worth a try: ${tries.join('; ')}.`}`
}
