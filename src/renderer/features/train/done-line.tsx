/** What came of a run that ended well. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { go } from '../../state/place'
import { useRun } from '../../state/run'
import { formatDuration, formatShare } from '../../ui/format'
import classes from './train-screen.module.css'

export function DoneLine({ status, planned }: { status: 'completed' | 'stopped'; planned: number }) {
  const { view, record, hasBest } = useRun()
  const bestEpoch = view.done?.best_epoch ?? view.bestEpoch ?? record?.best_epoch ?? null
  const best = view.epochs.find((epoch) => epoch.epoch === bestEpoch) ?? null
  const testAccuracy = view.done?.test?.accuracy ?? record?.test_accuracy ?? null
  const epochsRun = view.epochs.at(-1)?.epoch ?? 0
  if (bestEpoch === null) {
    return (
      <p className={classes.done}>
        <Trans>Stopped before its first epoch was over, so there is nothing to keep yet. Resume starts it again.</Trans>
      </p>
    )
  }
  return (
    <div className={classes.done}>
      <dl className={classes.doneFigures}>
        <Figure label={t`Best epoch`} value={String(bestEpoch)} />
        <Figure label={t`Validation accuracy`} value={formatShare(best?.val_accuracy)} />
        {testAccuracy !== null && <Figure label={t`Test accuracy`} value={formatShare(testAccuracy)} />}
        <Figure label={t`Time`} value={formatDuration(view.done?.total_s ?? record?.total_s ?? NaN)} />
      </dl>
      <p className={classes.doneWords}>
        {status === 'stopped'
          ? t`Stopped in epoch ${{ epoch: Math.min(planned, epochsRun + 1) }}; the best epoch is kept and evaluated.`
          : epochsRun < planned
            ? t`Ended after ${epochsRun} of ${plural(planned, { one: '# epoch', other: '# epochs' })}, as there was no more gain.`
            : ''}
        {testAccuracy === null && ` ${t`There is no test split, so validation is the measure.`}`}
      </p>
      <Button variant="default" disabled={!hasBest} onClick={() => go('results')}>
        <Trans>Results</Trans>
      </Button>
    </div>
  )
}

function Figure(props: { label: string; value: string }) {
  return (
    <div>
      <dt>{props.label}</dt>
      <dd>{props.value}</dd>
    </div>
  )
}
