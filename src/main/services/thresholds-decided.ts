/** Answers about pictures as the thresholds that were chosen for a run's classes decide them. */
import { type ChosenThresholds, decideAbout, decisionRule } from '../../shared/domain/thresholds'
import { currentThresholds, readChosenThresholds } from '../storage/chosen-thresholds'
import { RunFolder } from '../storage/run-folder'
import type { PredictedPicture } from '../trainer/messages'
import type { ModelSource } from './model-jobs'

export interface DecidedPicture extends PredictedPicture {
  /** What it is said to be, which may not be its likeliest class. Null: every class has a threshold, and none is reached; or it could not be read. */
  answer: string | null
}

/** Null where none were chosen, or where they were chosen for another epoch than the one that answers. @throws GraftError UNREADABLE, STORAGE */
export async function thresholdsOfModel(source: ModelSource): Promise<ChosenThresholds | null> {
  if (source.kind === 'export') return readChosenThresholds(source.directory)
  if (source.checkpoint !== 'best') return null
  return currentThresholds(await RunFolder.open(source.directory))
}

/** @param answers with the probability of every class */
export function decided({ labels, pictures }: { labels: string[]; pictures: readonly PredictedPicture[] }, chosen: ChosenThresholds): { labels: string[]; pictures: DecidedPicture[] } {
  const rule = decisionRule(chosen, labels)
  return {
    labels,
    pictures: pictures.map((picture) => {
      if (picture.failure !== null) return { ...picture, answer: null }
      const byLabel = new Map(picture.top.map(({ label, probability }) => [label, probability]))
      const probabilities = labels.map((label) => byLabel.get(label) ?? 0)
      if (rule === null) return { ...picture, answer: picture.top[0]?.label ?? null }
      const { index } = decideAbout(probabilities, rule)
      return { ...picture, answer: index === null ? null : (labels[index] ?? null) }
    }),
  }
}
