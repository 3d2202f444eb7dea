/** Gathers what the report of a run shows from its folder, and writes it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Split } from '../../shared/domain/dataset'
import type { Evaluation } from '../../shared/domain/metrics'
import type { RunRecord } from '../../shared/domain/run'
import { decodePicture } from '../dataset/decode'
import { installedVersion } from '../installation'
import type { Mistake, ReportContent } from '../report/report-content'
import { atomicWrite } from '../storage/atomic-write'
import type { RunFolder } from '../storage/run-folder'
import { findingsOf, historyOf } from './run-findings'

const MOST_MISTAKES = 24
const MISTAKE_SIDE = 224
const MISTAKE_QUALITY = 72

export const REPORT_FILE = 'report.html'

/** Small JPEGs, cropped to squares by their frame. What cannot be read any more is null. */
async function pictureOf(root: string, path: string): Promise<string | null> {
  try {
    const { pixels, width, height } = await decodePicture(join(root, path))
    const bytes = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .resize(MISTAKE_SIDE, MISTAKE_SIDE, { fit: 'cover' })
      .jpeg({ quality: MISTAKE_QUALITY })
      .toBuffer()
    return `data:image/jpeg;base64,${bytes.toString('base64')}`
  } catch {
    // Moved, changed or on a disk that is not there: the report says so in its place.
    return null
  }
}

async function mistakesOf({ predictions, classes }: Evaluation, root: string): Promise<{ mistakes: Mistake[]; mistakesCount: number }> {
  const sure = ({ probabilities, prediction }: Evaluation['predictions'][number]) => probabilities[prediction] ?? 0
  const wrong = predictions.filter(({ truth, prediction }) => truth !== prediction).sort((a, b) => sure(b) - sure(a) || (a.path < b.path ? -1 : 1))
  const mistakes: Mistake[] = []
  for (const picture of wrong.slice(0, MOST_MISTAKES)) {
    const { path, truth, prediction } = picture
    mistakes.push({ path, truth: classes[truth] ?? String(truth), prediction: classes[prediction] ?? String(prediction), probability: sure(picture), image: await pictureOf(root, path) })
  }
  return { mistakes, mistakesCount: wrong.length }
}

/** The split that is the measure first. */
const ORDER: readonly Split[] = ['test', 'val', 'train']

export async function gatherReport(folder: RunFolder, record: RunRecord): Promise<ReportContent> {
  const manifest = await folder.manifest()
  const epochs = record.origin === 'imported' ? [] : await historyOf(folder)
  const evaluations: Evaluation[] = []
  for (const split of ORDER) {
    const kept = await folder.currentEvaluation(split, 'best')
    if (kept !== null) evaluations.push(kept)
  }
  const start = (await folder.events()).findLast(({ event }) => event.event === 'start')?.event
  const [main] = evaluations
  return {
    record,
    config: await folder.config(),
    configText: await readFile(join(folder.directory, 'config.yaml'), 'utf8'),
    manifest,
    epochs,
    evaluations,
    findings: await findingsOf(folder, record, epochs, manifest),
    ...(main === undefined ? { mistakes: [], mistakesCount: 0 } : await mistakesOf(main, manifest.root)),
    network:
      start?.event !== 'start' ? null : { parameters: start.parameters, trainable: start.trainable_parameters, frozenLayers: start.frozen_layers, layers: start.layers },
    versions: versionsOf(record),
  }
}

/** The report as text. The plotting library is loaded here. */
export async function reportText(folder: RunFolder, record: RunRecord): Promise<string> {
  const { renderReport } = await import('../report/report')
  return renderReport(await gatherReport(folder, record))
}

export async function writeReport(folder: RunFolder, record: RunRecord): Promise<void> {
  await atomicWrite(join(folder.directory, REPORT_FILE), await reportText(folder, record))
}

/** As the run kept them; of this program for runs of older versions. */
function versionsOf({ environment }: RunRecord): ReportContent['versions'] {
  const { graft, tensorflow, node, system } = environment
  if (graft === undefined) return [['Graft', installedVersion()], ['Node', process.versions.node], [process.platform, process.arch]] // prettier-ignore
  const kept: [string, string | number | undefined][] = [['Graft', graft], ['TensorFlow', tensorflow], ['Node', node], ['System', system]] // prettier-ignore
  return kept.flatMap(([program, version]) => (version === undefined ? [] : [[program, String(version)]]))
}
