/** What is about to happen, in view all the time: the name, the time, what was changed, and the button. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useRef } from 'react'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import { problemMessage } from '../../../shared/domain/config-problems'
import type { RunConfig } from '../../../shared/domain/run-config'
import { draftConfig, resetAugmentation, resetDraft, resetSetting, useDraft } from '../../state/draft'
import { hinders, originOf } from '../../state/draft-origin'
import { go } from '../../state/place'
import { startDraft, startHindrance, useStart } from '../../state/start-run'
import { placeText } from '../queue/queue-words'
import { forecastNote, forecastWords } from './preset-cards'
import { changeRows } from './change-rows'
import { MemoryNote } from './memory-note'
import { labelOf } from './setting-tables'
import classes from './start-panel.module.css'
import type { ForecastState } from './use-forecasts'

export function StartPanel(props: { summary: DatasetSummary; config: RunConfig; forecast: ForecastState; isRunLive: boolean }) {
  const { summary, forecast, isRunLive } = props
  const { preset, changes, name } = useDraft()
  const isStarting = useStart((start) => start.isStarting)
  const queued = useStart((start) => start.queued)
  const draft = { preset, changes }
  const { problems } = originOf(draft, summary)
  const problem = problems.find((one) => hinders(one, draftConfig(draft, null)))
  const hindrance = startHindrance(summary) ?? (problem === undefined ? null : `${problemMessage(problem, labelOf(problem.path))} ${problem.action}`)
  const start = (): void => {
    if (hindrance === null) void startDraft()
  }
  useHotkeys([['mod+Enter', start]], [])
  const rows = changeRows(draft)
  const former = useFormerWords(forecast)
  const unused = new Set(problems.filter((one) => one.severity === 'error' && !hinders(one, draftConfig(draft, null))).map(({ path }) => path))
  return (
    <aside className={classes.panel} aria-label={t`Start`}>
      <TextInput
        label={t`Run name`}
        placeholder={summary.name}
        maxLength={200}
        value={name}
        autoComplete="off"
        onChange={(event) => useDraft.setState({ name: event.currentTarget.value })}
      />
      <div>
        <p className={classes.time} data-former={forecast.kind !== 'known' || undefined}>
          {forecastWords(forecast) ?? former ?? '–'}
        </p>
        <p className="meta">{forecastNote(forecast, isRunLive)}</p>
        <MemoryNote forecast={forecast} />
      </div>
      <div className={classes.start}>
        <Button fullWidth size="sm" loading={isStarting} disabled={hindrance !== null} onClick={start}>
          {isRunLive ? t`Train next` : t`Train`}
        </Button>
        {hindrance !== null && <p className={classes.hindrance}>{hindrance}</p>}
        {hindrance === null && isRunLive && queued === null && (
          <p className="meta">
            <Trans>Another run is live. This one goes into the queue and begins by itself in its turn.</Trans>
          </p>
        )}
        {queued !== null && (
          <p className="meta" role="status">
            <Trans>
              {{ name: queued.name }} is {{ place: placeText(queued.place) }}.
            </Trans>{' '}
            <button type="button" className="link-button" onClick={() => go('runs')}>
              <Trans>Show the queue</Trans>
            </button>
          </p>
        )}
      </div>
      <section aria-label={t`Changes`}>
        <div className={classes.changesHead}>
          <h2>{rows.length === 0 ? t`Nothing changed from ${preset}` : plural({ count: rows.length }, { one: `# change from ${preset}`, other: `# changes from ${preset}` })}</h2>
          {rows.length > 0 && (
            <button type="button" className="link-button" onClick={resetDraft}>
              <Trans>Reset all</Trans>
            </button>
          )}
        </div>
        <ul className={classes.changes}>
          {rows.map(({ path, label, words, key, part }) => (
            <li key={path}>
              <span className="ellipsis">{label}</span>
              <span className={classes.values}>
                {words}
                {unused.has(path) && <span className={classes.unused}> · {t`no effect now, left out`}</span>}
              </span>
              <button type="button" className="link-button" aria-label={t`Reset ${label}`} onClick={() => (part === null ? resetSetting(key) : resetAugmentation(part))}>
                <Trans>Reset</Trans>
              </button>
            </li>
          ))}
        </ul>
      </section>
    </aside>
  )
}

/** The last time that was known, which stays, dimmed, while a new one is measured. */
function useFormerWords(forecast: ForecastState): string | null {
  const former = useRef<string | null>(null)
  if (forecast.kind === 'known') former.current = forecastWords(forecast)
  return former.current
}
