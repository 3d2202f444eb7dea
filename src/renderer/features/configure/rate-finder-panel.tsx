/** Finds a learning rate: the curve grows while rates are tried, the suggestion is taken with a click. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import type { RunConfig } from '../../../shared/domain/run-config'
import { cancelRateFinder, findRate, forgetRate, takeRate, useRateFinder } from '../../state/rate-finder'
import { FailurePanel } from '../../ui/failure-panel'
import { formatCount, formatSmall } from '../../ui/format'
import { ProgressLine } from '../../ui/progress-line'
import { RateCurve } from './rate-curve'
import classes from './rate-finder-panel.module.css'

interface RateFinderProps {
  summary: DatasetSummary
  config: RunConfig
  /** Why it cannot be started now; null when it can. */
  hindrance: string | null
}

export function RateFinderPanel({ summary, config, hindrance }: RateFinderProps) {
  const finder = useRateFinder()
  const first = config.stages[0]
  const now = first?.learning_rate ?? config.learning_rate
  const stage = first === undefined ? null : (first.name ?? t`stage ${{ number: 1 }}`)
  const start = (): void => void findRate(summary)
  return (
    <section className={classes.panel} aria-label={t`Learning rate finder`}>
      <div className={classes.head}>
        <div className={classes.words}>
          <h3>
            <Trans>Find a learning rate</Trans>
          </h3>
          <p className="meta">
            {stage === null
              ? t`Tries rates from 1e-7 to 1 on a copy of this configuration, about 100 steps. What is trained afterwards is not changed by it.`
              : t`Tries rates from 1e-7 to 1 on a copy of the first stage, ${stage}, about 100 steps. What is trained afterwards is not changed by it.`}
          </p>
        </div>
        {finder.kind === 'busy' ? (
          <Button variant="default" onClick={cancelRateFinder}>
            <Trans>Cancel</Trans>
          </Button>
        ) : (
          <Button variant="default" disabled={hindrance !== null} title={hindrance ?? undefined} onClick={start}>
            {finder.kind === 'idle' ? t`Find a learning rate` : t`Find again`}
          </Button>
        )}
      </div>
      {finder.kind === 'busy' && (
        <>
          <ProgressLine label={t`Trying learning rates`} share={finder.total <= 1 ? null : finder.done / finder.total} isTall />
          <p className={classes.line} role="status">
            {finder.total <= 1 ? finder.message : `${finder.message} · ${t`${{ done: formatCount(finder.done) }} of ${{ total: formatCount(finder.total) }}`}`}
          </p>
          <RateCurve points={finder.points} suggestion={null} now={now} />
        </>
      )}
      {finder.kind === 'done' && (
        <>
          <RateCurve points={finder.result.points} suggestion={finder.result.suggestion} now={now} />
          <div className={classes.answer}>
            <p>{finder.result.reason}</p>
            {finder.result.suggestion !== null && (
              <Button disabled={finder.result.suggestion === now} onClick={() => takeRate(finder.result.suggestion ?? now)}>
                {finder.result.suggestion === now ? t`${{ rate: formatSmall(now) }} is in use` : t`Use ${{ rate: formatSmall(finder.result.suggestion) }}`}
              </Button>
            )}
            <Button variant="default" onClick={forgetRate}>
              <Trans>Put away</Trans>
            </Button>
          </div>
        </>
      )}
      {finder.kind === 'failed' && <FailurePanel title={t`No learning rate was found`} failure={finder.failure} onClose={forgetRate} />}
    </section>
  )
}
