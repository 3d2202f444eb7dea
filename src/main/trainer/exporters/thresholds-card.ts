/** What an export says of the thresholds that were chosen for its classes. */
import type { Evaluation } from '../../../shared/domain/metrics'
import { type ChosenThresholds, decideAbout, decisionRule, outcomesAt, precisionOf, recallOf, scoredPictures } from '../../../shared/domain/thresholds'
import { count, literal, percent, table } from './card-words'

const RULE: readonly string[] = [
  'Divide the logarithms of the probabilities by the temperature and take their softmax; without a temperature leave them as they are.',
  'A picture is said to be of a class whose probability reaches its threshold; of several, the one with the largest probability / threshold.',
  'Where none is reached, it is the likeliest of the classes without a threshold; where every class has one, the answer is "not sure".',
]

/** The file, with how to use it for whoever reads it without Graft. */
export const exportedThresholds = (chosen: ChosenThresholds): unknown => ({ ...chosen, rule: RULE })

const SOURCES: Readonly<Record<ChosenThresholds['classes'][number]['source'], string>> = { validation: 'cheapest on the validation pictures', bayes: '1 / (1 + cost)', set: 'set by hand' }

/** Empty where none was chosen. */
export function thresholdsSection(chosen: ChosenThresholds | null, evaluation: Evaluation): string {
  const rule = chosen === null ? null : decisionRule(chosen, evaluation.classes)
  if (chosen === null || rule === null) return ''
  const { predictions, classes, split } = evaluation
  const rows = chosen.classes
    .filter(({ name }) => classes.includes(name))
    .map(({ name, threshold, miss_cost: cost, source }) => {
      const outcomes = outcomesAt(scoredPictures(predictions, classes.indexOf(name), rule.temperature), threshold)
      return [literal(name), threshold.toFixed(4), String(cost), SOURCES[source], count(outcomes.missed), count(outcomes.false_alarms), precisionOf(outcomes).toFixed(4), recallOf(outcomes).toFixed(4)]
    })
  const right = predictions.filter(({ truth, probabilities }) => decideAbout(probabilities, rule).index === truth).length
  return [
    '## Decisions',
    `A person chose from which probability on a picture is said to be of a class, by what a missed one costs where a false alarm costs 1. Counted on the ${split === 'val' ? 'validation' : split} pictures${split === 'val' ? ', which they were chosen on' : '; they were chosen on the validation pictures'}.`,
    table(['class', 'threshold', 'a miss costs', 'how', 'missed', 'false alarms', 'precision', 'recall'], rows),
    `Decided so, ${percent(right / Math.max(1, predictions.length))} of the pictures are named right; by the likeliest class ${percent(evaluation.report.accuracy)}.`,
    `${rule.temperature === null ? 'There is no temperature.' : `The temperature is ${rule.temperature.toFixed(4)}.`} ${RULE.join(' ')} thresholds.json has all of it; the example answers with the likeliest class.`,
  ].join('\n\n')
}
