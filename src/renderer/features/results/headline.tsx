/** The figures that one asks for first, and which checkpoint they are of. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { Split } from '../../../shared/domain/dataset'
import type { ClassificationReport } from '../../../shared/domain/metrics'
import { Figures } from '../../ui/figures'
import { headlineFigures } from './headline-figures'
import classes from './results-screen.module.css'

export function Headline(props: { report: ClassificationReport; split: Split; bestEpoch: number | null; isImported: boolean; backbone: string }) {
  const { report, split, bestEpoch, isImported, backbone } = props
  const checkpoint = {
    label: t`Checkpoint`,
    value: isImported ? t`Imported` : bestEpoch === null ? t`best` : t`Epoch ${{ epoch: bestEpoch }}`,
    note: isImported ? backbone : t`the best, ${backbone}`,
  }
  const figures = headlineFigures(report, split)
  return (
    <>
      <Figures items={[...figures, checkpoint]} columns={`minmax(0, 1.35fr) repeat(${figures.length}, minmax(0, 1fr))`} />
      {report.leading === 'balanced_accuracy' && (
        <p className={`meta ${classes.method}`}>
          <Trans>The largest class has more than three times the pictures of the smallest, so that accuracy may hide how the small ones do: balanced accuracy comes first.</Trans>
        </p>
      )}
      {report.intervals !== undefined && (
        <p className={`meta ${classes.method}`}>
          {report.intervals.accuracy.method === 'bootstrap'
            ? t`The ranges are 95 % intervals, from ${{ draws: report.intervals.resamples.toLocaleString('en') }} draws of the pictures.`
            : t`The range is Wilson’s 95 % interval: with every picture right, or none, draws say nothing.`}
        </p>
      )}
    </>
  )
}
