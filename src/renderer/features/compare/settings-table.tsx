/** What was set differently; the rest on demand. */
import { Switch } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { ComparedRun } from '../../../shared/domain/compare'
import { toCsv } from '../../../shared/domain/csv'
import { formatPlural } from '../../ui/format'
import { CompareSection } from './compare-section'
import { letterOf, runColor } from './compared-names'
import { comparedSettings, type SettingCell } from './setting-differences'
import classes from './settings-table.module.css'

const SOURCE_WORDS: Readonly<Record<NonNullable<SettingCell['source']>, string>> = { default: 'default', preset: 'preset', policy: 'policy', changed: 'changed', measured: 'worked out' }

const cellText = ({ value, became }: SettingCell): string => (became === null ? value : `${value} → ${became}`)

export function SettingsTable(props: { runs: readonly ComparedRun[] }) {
  const { runs } = props
  const [areAllShown, setAllShown] = useState(false)
  const settings = useMemo(() => comparedSettings(runs), [runs])
  const different = settings.filter((setting) => setting.isDifferent)
  const shown = areAllShown ? settings : different
  const csv = (): string => toCsv([['setting', ...runs.map(({ run }) => run.name)], ...shown.map(({ path, cells }) => [path, ...cells.map(cellText)])])
  return (
    <CompareSection
      title="Settings"
      beside={
        <>
          <span className="meta" role="status">
            {different.length === 0 ? `All ${settings.length} alike` : `${formatPlural(different.length, 'difference')} of ${settings.length}`}
          </span>
          <Switch label="Those alike too" checked={areAllShown} onChange={(event) => setAllShown(event.currentTarget.checked)} />
        </>
      }
      takeAway={{ title: 'Settings of the runs', csv }}
    >
      {shown.length === 0 ? (
        <p className="meta">These runs were started with the same settings on the same data.</p>
      ) : (
        <div className={classes.frame} tabIndex={0} role="region" aria-label="Table of settings">
          <table className={`plain ${classes.table ?? ''}`} aria-label="Settings of the runs">
            <thead>
              <tr>
                <th scope="col">Setting</th>
                {runs.map(({ run }, index) => (
                  <th key={run.run_id} scope="col" title={run.name}>
                    <span className={classes.name}>
                      <span className={classes.letter} style={{ color: runColor(index) }}>
                        {letterOf(index)}
                      </span>
                      <span className="ellipsis">{run.name}</span>
                    </span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map(({ path, label, cells }) => (
                <tr key={path}>
                  <th scope="row" title={path}>
                    {label}
                  </th>
                  {cells.map((cell, index) => (
                    <td key={index} data-differs={cell.differs || undefined} title={cellText(cell)}>
                      <span className={classes.value}>
                        <span className="ellipsis">{cellText(cell)}</span>
                        {cell.source !== null && cell.source !== 'default' && <span className="meta">{SOURCE_WORDS[cell.source]}</span>}
                      </span>
                      {cell.differs && <span className="visually-hidden"> (differs from {letterOf(0)})</span>}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </CompareSection>
  )
}
