/** What stands below the charts, folded until it is wanted: the log, and the settings with what became of open ones. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { IconChevronRight } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useRun } from '../../state/run'
import { LogLines } from './run-log'
import { type SettingRow, settingRows } from './setting-rows'
import classes from './train-screen.module.css'

export function RunFoot() {
  const log = useRun((run) => run.view.log)
  const [open, setOpen] = useState<'log' | 'settings' | null>(null)
  const lines = log.length
  const warnings = log.filter((line) => line.level === 'warning').length
  const last = log.at(-1)
  const toggle = (what: 'log' | 'settings') => () => setOpen(open === what ? null : what)
  return (
    <section className={classes.log} aria-label={t`Log`}>
      <div className={classes.foot}>
        <button type="button" className={classes.logToggle} aria-expanded={open === 'log'} onClick={toggle('log')}>
          <IconChevronRight size={14} aria-hidden className={classes.chevron} />
          <span className="strong">
            <Trans>Log</Trans>
          </span>
          <span className="meta">
            {plural(lines, { one: '# line', other: '# lines' })}
            {warnings > 0 && ` · ${plural(warnings, { one: '# warning', other: '# warnings' })}`}
          </span>
          {open === null && last !== undefined && <span className={`${classes.logLast} mono ellipsis`}>{last.message}</span>}
        </button>
        <button type="button" className={`${classes.logToggle} ${classes.settingsToggle}`} aria-expanded={open === 'settings'} onClick={toggle('settings')}>
          <IconChevronRight size={14} aria-hidden className={classes.chevron} />
          <span className="strong">
            <Trans>Settings</Trans>
          </span>
        </button>
      </div>
      {open === 'log' && <LogLines />}
      {open === 'settings' && <RunSettings />}
    </section>
  )
}

const SOURCE_WORDS: Readonly<Record<Exclude<SettingRow['source'], 'preset'>, string>> = { default: t`default`, changed: t`changed`, policy: t`policy`, measured: t`measured` }

function RunSettings() {
  const config = useRun((run) => run.config)
  const record = useRun((run) => run.record)
  const resolved = useRun((run) => run.view.start?.resolved) ?? record?.resolved
  const preset = record?.preset ?? null
  const rows = useMemo(() => (config === null ? [] : settingRows(config, { preset, resolved: resolved ?? {} })), [config, preset, resolved])
  return (
    <div className={classes.settings} tabIndex={0} role="region" aria-label={t`Settings of this run`}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Setting</Trans>
            </th>
            <th scope="col">
              <Trans>Value</Trans>
            </th>
            <th scope="col">
              <Trans>From</Trans>
            </th>
            <th scope="col">
              <Trans>Became</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ path, label, value, source, became }) => (
            <tr key={path} data-source={source}>
              <th scope="row" title={path}>
                {label}
              </th>
              <td className="ellipsis" title={value}>
                {value}
              </td>
              <td>{source === 'preset' ? t`preset ${{ preset: preset ?? '' }}` : SOURCE_WORDS[source]}</td>
              <td>{became ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
