/** Answers for the command line as the studio's test pane gives them: calibrated, and "none of these" where a picture is like none of the training pictures. */
import { resolve } from 'node:path'
import { type AnsweringModelCard, MOST_ASKED_AT_ONCE, type Verdict } from '../../shared/domain/answer'
import { RunFolder } from '../storage/run-folder'
import type { PredictedPicture } from '../trainer/messages'
import { AnsweringService } from './answering'

export interface CalibratedPicture extends PredictedPicture {
  /** Null where the picture could not be read. */
  verdict: Verdict | null
  /** What it is said to be where thresholds were chosen for the run's classes: they may say another class than the likeliest. */
  answer?: string | null
  /** To the training pictures; null where it cannot be told. */
  distance: number | null
}

export interface CalibratedAnswers {
  model: AnsweringModelCard
  labels: string[]
  pictures: CalibratedPicture[]
}

/** The run's best checkpoint on picture files. @throws GraftError NOT_FOUND where it has none yet; Cancelled */
export async function calibratedAnswers(
  runDirectory: string,
  paths: readonly string[],
  options: { topK: number; signal: AbortSignal; trainerPath?: string; onProgress: (done: number, total: number) => void },
): Promise<CalibratedAnswers> {
  const folder = await RunFolder.open(runDirectory)
  const service = new AnsweringService({ folder: () => Promise.resolve(folder) }, { confine: (path) => Promise.resolve(resolve(path)) }, { trainerPath: options.trainerPath })
  const { run_id: runId } = await folder.record()
  const pictures: CalibratedPicture[] = []
  let model: AnsweringModelCard | null = null
  try {
    for (let first = 0; first < paths.length; first += MOST_ASKED_AT_ONCE) {
      const asked = paths.slice(first, first + MOST_ASKED_AT_ONCE)
      const question = { runId, isSettled: true, heatmap: null, pictures: asked.map((path, i) => ({ id: String(first + i), source: { kind: 'path' as const, path } })) }
      const told = await service.ask(question, options.signal)
      model = told.model
      const labels = told.model.classes
      told.answers.forEach(({ answer, failure }, i) => {
        const path = asked[i] ?? ''
        if (answer === null) pictures.push({ path, top: [], failure, verdict: null, distance: null })
        else pictures.push({ path, top: topClasses(answer.probabilities, labels, options.topK), failure: null, verdict: answer.verdict, distance: answer.distance, ...(answer.chosen === undefined ? {} : { answer: answer.verdict === 'class' ? (labels[answer.top] ?? null) : null }) })
      })
      options.onProgress(pictures.length, paths.length)
    }
  } finally {
    service.close()
  }
  if (model === null) throw new Error('No pictures were given')
  return { model, labels: model.classes, pictures }
}

function topClasses(probabilities: readonly number[], labels: readonly string[], count: number): PredictedPicture['top'] {
  return probabilities
    .map((probability, i) => ({ label: labels[i] ?? String(i), probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count)
}
