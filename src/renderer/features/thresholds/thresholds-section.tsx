/** From which probability on a picture is said to be of a class: chosen by what a missed one costs, on the validation pictures, and told on the test pictures. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Select } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useMemo } from 'react'
import type { Evaluation, Prediction } from '../../../shared/domain/metrics'
import { atTemperature } from '../../../shared/domain/temperature'
import { bayesThreshold, type CheapestThreshold, cheapestThreshold, type ChosenThreshold, costSteps, LARGEST_MISS_COST, scoredPictures, SMALLEST_MISS_COST } from '../../../shared/domain/thresholds'
import { FailurePanel } from '../../ui/failure-panel'
import { formatShare } from '../../ui/format'
import { NumberField } from '../../ui/number-field'
import { CostCurve, costText } from './cost-curve'
import { type OutcomeKind, OutcomeTable } from './outcome-table'
import { useThresholdView } from './threshold-view'
import { useChosenThresholds, useTold } from './use-thresholds'
import classes from './thresholds.module.css'

/** The pictures of one kind of mistake. */
export interface OutcomePictures {
  title: string
  subject: string
  pictures: Prediction[]
  /** What the figure below each picture is, and how they are ordered. */
  orderedBy: string
  /** The probability of the class, at the temperature. */
  sureOf: (picture: Prediction) => number
}

export interface ThresholdsSectionProps {
  runId: string
  version: string
  /** Null where there are no such pictures, or not yet. */
  validation: Evaluation | null
  test: Evaluation | null
  hasValidation: boolean
  onOpen: (pictures: OutcomePictures) => void
}

export function ThresholdsSection(props: ThresholdsSectionProps) {
  const { validation, hasValidation } = props
  if (!hasValidation) return <p className="meta">{t`A threshold is chosen on validation pictures, and this run has none.`}</p>
  if (validation === null) return <p className="meta">{t`Getting the validation pictures`}</p>
  if (validation.classes.length < 2) return <p className="meta">{t`With one class there is nothing to tell apart.`}</p>
  return <Deciding {...props} validation={validation} />
}

function Deciding({ runId, version, validation, test, onOpen }: ThresholdsSectionProps & { validation: Evaluation }) {
  const [view, change] = useThresholdView(runId)
  const { kept, failure: keepFailure, keep, drop } = useChosenThresholds(runId, version)
  const names = validation.classes
  const classIndex = Math.min(view.classIndex, names.length - 1)
  const name = names[classIndex] ?? ''
  const { missCost } = view
  const temperature = validation.report.calibration?.temperature ?? null
  const scored = useMemo(() => scoredPictures(validation.predictions, classIndex, temperature), [validation, classIndex, temperature])
  const steps = useMemo(() => costSteps(scored, missCost), [scored, missCost])
  const cheapest = useMemo(() => cheapestThreshold(scored, missCost), [scored, missCost])
  const bayes = bayesThreshold(missCost)
  const threshold = view.threshold ?? cheapest?.threshold ?? bayes
  const source: ChosenThreshold['source'] = view.threshold === null ? (cheapest === null ? 'bayes' : 'validation') : view.threshold === bayes ? 'bayes' : 'set'
  const { told, isOld, failure } = useTold(runId, classIndex, missCost, threshold, JSON.stringify(kept?.chosen ?? null))
  const own = kept?.isCurrent === true ? (kept.chosen?.classes.find((entry) => entry.name === name) ?? null) : null
  const isKept = own !== null && own.threshold === threshold && own.miss_cost === missCost

  const open = (kind: OutcomeKind, split: 'val' | 'test'): void => {
    const evaluation = split === 'test' ? test : validation
    if (evaluation === null) return
    const sureOf = ({ probabilities }: Prediction): number => (temperature === null ? probabilities : atTemperature(probabilities, temperature))[classIndex] ?? 0
    const pictures = evaluation.predictions
      .map((picture) => ({ picture, sure: sureOf(picture) }))
      .filter(({ picture, sure }) => (kind === 'missed' ? picture.truth === classIndex && sure < threshold : picture.truth !== classIndex && sure >= threshold))
      // The gravest first: a missed one that it was least sure of, a false alarm that it was surest of.
      .sort((a, b) => (kind === 'missed' ? a.sure - b.sure : b.sure - a.sure))
      .map(({ picture }) => picture)
    const share = formatShare(threshold)
    const title = kind === 'missed' ? t`${name}, missed below ${share}` : t`False alarms of ${name} from ${share} on`
    const orderedBy = kind === 'missed' ? t`probability of ${name}, lowest first` : t`probability of ${name}, highest first`
    onOpen({ title, subject: `${kind} ${split} ${classIndex} ${threshold}`, pictures, sureOf, orderedBy })
  }
  return (
    <div className={classes.section}>
      <div className={classes.sentence}>
        <Trans>
          <span>A missed</span>
          <Select
            className={classes.class ?? ''}
            aria-label={t`Class that is missed`}
            searchable={names.length > 12}
            allowDeselect={false}
            value={String(classIndex)}
            data={names.map((label, index) => ({ value: String(index), label }))}
            onChange={(value) => change({ classIndex: Number(value ?? 0), threshold: null })}
          />
          <span>costs</span>
          <div className={classes.cost}>
            <NumberField label={t`Cost of a missed picture`} isLabelHidden value={missCost} low={SMALLEST_MISS_COST} high={LARGEST_MISS_COST} step="tenfold" onChange={(value) => value !== null && change({ missCost: value, threshold: null })} />
          </div>
          <span>times a false alarm.</span>
        </Trans>
        {names.length > 2 && (
          <span className="meta">
            <Trans>Each class has a threshold of its own.</Trans>
          </span>
        )}
      </div>
      <div className={classes.columns}>
        <div>
          <p className={classes.caption}>
            <Trans>
              <span className="strong">Cost on the validation pictures</span> <span className="meta">in false alarms</span>
            </Trans>
          </p>
          <CostCurve className={name} steps={steps} missCost={missCost} cheapest={cheapest} threshold={threshold} onThreshold={(value) => change({ threshold: value })} />
          <div className={classes.choices}>
            <Button variant="default" disabled={cheapest === null || view.threshold === null} onClick={() => change({ threshold: null })}>
              {cheapest === null ? t`Cheapest: cannot be told` : t`Cheapest: ${{ share: formatShare(cheapest.threshold) }}`}
            </Button>
            <Button variant="default" disabled={view.threshold === bayes} title={t`1 / (1 + cost): the cheapest where the probabilities are calibrated`} onClick={() => change({ threshold: bayes })}>
              <Trans>Bayes: {{ share: formatShare(bayes) }}</Trans>
            </Button>
            <Button disabled={isKept || told === null} onClick={() => keep({ name, threshold, miss_cost: missCost, source })}>
              {isKept ? t`In use` : t`Use ${{ share: formatShare(threshold) }} for this class`}
            </Button>
          </div>
        </div>
        <div>
          {told !== null && <OutcomeTable told={told} isOld={isOld} name={name} onOpen={open} />}
          {failure !== null && <FailurePanel failure={failure} />}
          {keepFailure !== null && <FailurePanel failure={keepFailure} />}
          <p className={classes.words}>
            {cheapest === null
              ? t`The validation pictures are all of ${name}, or none of them is, so that nothing tells which threshold is the cheapest.`
              : cheapestWords(cheapest)}{' '}
            {temperature === null ? t`The model could not be calibrated, so that Bayes’ threshold may be far off.` : t`Probabilities are at the temperature of ${{ temperature: temperature.toFixed(2) }}.`}{' '}
            {told?.test === null ? t`There is no test split: these are the pictures that it is chosen on, which flatters it.` : t`Ranges are 95 % intervals, bootstrap over the pictures.`}
          </p>
        </div>
      </div>
      <Chosen kept={kept} names={names} onChoose={(entry) => change({ classIndex: names.indexOf(entry.name), missCost: entry.miss_cost, threshold: entry.threshold })} onDrop={drop} />
    </div>
  )
}

/** Of `13.8 %`, or of `Anywhere from 10.2 % to 13.8 %`. */
function cheapestWords(cheapest: CheapestThreshold): string {
  const [low, high, cost] = [formatShare(cheapest.low), formatShare(cheapest.high), costText(cheapest.cost)]
  return low === high
    ? t`${high} costs ${cost} on the validation pictures, the least there is (green).`
    : t`Anywhere from ${low} to ${high} costs ${cost} on the validation pictures, the least there is (green).`
}

function Chosen(props: { kept: ReturnType<typeof useChosenThresholds>['kept']; names: readonly string[]; onChoose: (entry: ChosenThreshold) => void; onDrop: (name: string) => void }) {
  const { kept, names, onChoose, onDrop } = props
  if (kept === null) return null
  if (kept.chosen === null) return <p className="meta">{t`No threshold is in use: every picture is said to be of its likeliest class.`}</p>
  const everyClass = kept.chosen.classes.length === names.length
  return (
    <div className={classes.chosen}>
      {kept.isCurrent ? (
        <p>
          {everyClass ? (
            <Trans>
              <span className="strong">In use</span> <span className="meta">when pictures are tried, in predict and in exports. Where none is reached, the answer is “not sure”.</span>
            </Trans>
          ) : (
            <Trans>
              <span className="strong">In use</span> <span className="meta">when pictures are tried, in predict and in exports. Where none is reached, the likeliest of the other classes.</span>
            </Trans>
          )}
        </p>
      ) : (
        <p className={classes.old}>
          <Trans>Chosen for epoch {{ epoch: kept.chosen.checkpoint_epoch }}. The run has a better one since, so that they are not in use. Choose them again.</Trans>
        </p>
      )}
      <ul aria-label={t`Thresholds in use`}>
        {kept.chosen.classes.map((entry) => (
          <li key={entry.name}>
            <button type="button" className={`link-button ${classes.entry}`} title={entry.name} disabled={!names.includes(entry.name)} onClick={() => onChoose(entry)}>
              {entry.name}
            </button>
            <span className="meta">
              <Trans>
                from {{ share: formatShare(entry.threshold) }}, a miss costs {{ cost: costText(entry.miss_cost) }}
              </Trans>
            </span>
            <button type="button" className={classes.drop} aria-label={t`Take away the threshold of ${{ name: entry.name }}`} onClick={() => onDrop(entry.name)}>
              <IconX size={14} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
