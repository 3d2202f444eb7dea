/** Finds a learning rate: the curve grows while rates are tried, the suggestion is taken with a click. */
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
  const tried = first === undefined ? 'this configuration' : `the first stage, ${first.name ?? 'stage 1'}`
  const now = first?.learning_rate ?? config.learning_rate
  const start = (): void => void findRate(summary)
  return (
    <section className={classes.panel} aria-label="Learning rate finder">
      <div className={classes.head}>
        <div className={classes.words}>
          <h3>Find a learning rate</h3>
          <p className="meta">Tries rates from 1e-7 to 1 on a copy of {tried}, about 100 steps. What is trained afterwards is not changed by it.</p>
        </div>
        {finder.kind === 'busy' ? (
          <Button variant="default" onClick={cancelRateFinder}>
            Cancel
          </Button>
        ) : (
          <Button variant="default" disabled={hindrance !== null} title={hindrance ?? undefined} onClick={start}>
            {finder.kind === 'idle' ? 'Find a learning rate' : 'Find again'}
          </Button>
        )}
      </div>
      {finder.kind === 'busy' && (
        <>
          <ProgressLine label="Trying learning rates" share={finder.total <= 1 ? null : finder.done / finder.total} isTall />
          <p className={classes.line} role="status">
            {finder.total <= 1 ? finder.message : `${finder.message} · ${formatCount(finder.done)} of ${formatCount(finder.total)}`}
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
                {finder.result.suggestion === now ? `${formatSmall(now)} is in use` : `Use ${formatSmall(finder.result.suggestion)}`}
              </Button>
            )}
            <Button variant="default" onClick={forgetRate}>
              Put away
            </Button>
          </div>
        </>
      )}
      {finder.kind === 'failed' && <FailurePanel title="No learning rate was found" failure={finder.failure} onClose={forgetRate} />}
    </section>
  )
}
