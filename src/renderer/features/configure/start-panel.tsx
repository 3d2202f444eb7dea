/** What is about to happen, in view all the time: the name, the time, what was changed, and the button. */
import { Button, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import type { RunConfig } from '../../../shared/domain/run-config'
import { presetConfig, resetDraft, resetSetting, useDraft } from '../../state/draft'
import { startDraft, startHindrance, useStart } from '../../state/start-run'
import { formatBytes, formatPlural } from '../../ui/format'
import { forecastNote, forecastWords } from './preset-cards'
import { labelOf, valueWords } from './setting-fields'
import classes from './start-panel.module.css'
import type { ForecastState } from './use-forecasts'

export function StartPanel(props: { summary: DatasetSummary; config: RunConfig; forecast: ForecastState; isRunLive: boolean }) {
  const { summary, forecast, isRunLive } = props
  const { preset, changes, name } = useDraft()
  const isStarting = useStart((start) => start.isStarting)
  const hindrance = startHindrance(summary)
  const start = (): void => {
    if (hindrance === null) void startDraft()
  }
  useHotkeys([['mod+Enter', start]], [])
  const changed = Object.entries(changes) as [keyof RunConfig, unknown][]
  const base = presetConfig(preset)
  return (
    <aside className={classes.panel} aria-label="Start">
      <TextInput
        label="Run name"
        placeholder={summary.name}
        maxLength={200}
        value={name}
        autoComplete="off"
        onChange={(event) => useDraft.setState({ name: event.currentTarget.value })}
      />
      <div>
        <p className={classes.time}>{forecastWords(forecast) ?? '–'}</p>
        <p className="meta">{forecastNote(forecast, isRunLive)}</p>
        <p className="meta">{forecast.kind === 'known' ? `up to ${formatBytes(forecast.forecast.memoryBytes)} of memory` : '\u00a0'}</p>
      </div>
      <div className={classes.start}>
        <Button fullWidth size="sm" loading={isStarting} disabled={hindrance !== null} onClick={start}>
          Train
        </Button>
        {hindrance !== null && <p className={classes.hindrance}>{hindrance}</p>}
        {hindrance === null && isRunLive && <p className="meta">Another run is live. This one waits until it has ended.</p>}
      </div>
      <section aria-label="Changes">
        <div className={classes.changesHead}>
          <h2>{changed.length === 0 ? `Nothing changed from ${preset}` : `${formatPlural(changed.length, 'change')} from ${preset}`}</h2>
          {changed.length > 0 && (
            <button type="button" className="link-button" onClick={resetDraft}>
              Reset all
            </button>
          )}
        </div>
        <ul className={classes.changes}>
          {changed.map(([key, value]) => (
            <li key={key}>
              <span className="ellipsis">{labelOf(key)}</span>
              <span className={classes.values}>
                {key === 'augmentation' ? 'changed' : `${valueWords(key, base[key])} → ${valueWords(key, value)}`}
              </span>
              <button type="button" className="link-button" aria-label={`Reset ${labelOf(key)}`} onClick={() => resetSetting(key)}>
                Reset
              </button>
            </li>
          ))}
        </ul>
      </section>
    </aside>
  )
}
