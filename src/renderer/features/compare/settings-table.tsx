/** What was set differently; the rest on demand. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Switch } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { ComparedRun } from '../../../shared/domain/compare'
import { toCsv } from '../../../shared/domain/csv'
import { CompareSection } from './compare-section'
import { letterOf, runColor } from './compared-names'
import { comparedSettings, type SettingCell } from './setting-differences'
import classes from './settings-table.module.css'

const SOURCE_WORDS: Readonly<Record<NonNullable<SettingCell['source']>, string>> = { default: t`default`, preset: t`preset`, policy: t`policy`, changed: t`changed`, measured: t`worked out` }

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
      title={t`Settings`}
      beside={
        <>
          <span className="meta" role="status">
            {different.length === 0 ? t`All ${{ count: settings.length }} alike` : t`${plural({ count: different.length }, { one: '# difference', other: '# differences' })} of ${{ total: settings.length }}`}
          </span>
          <Switch label={t`Those alike too`} checked={areAllShown} onChange={(event) => setAllShown(event.currentTarget.checked)} />
        </>
      }
      takeAway={{ title: t`Settings of the runs`, csv }}
    >
      {shown.length === 0 ? (
        <p className="meta">
          <Trans>These runs were started with the same settings on the same data.</Trans>
        </p>
      ) : (
        <div className={classes.frame} tabIndex={0} role="region" aria-label={t`Table of settings`}>
          <table className={`plain ${classes.table ?? ''}`} aria-label={t`Settings of the runs`}>
            <thead>
              <tr>
                <th scope="col">
                  <Trans>Setting</Trans>
                </th>
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
                      {cell.differs && <span className="visually-hidden"> {t`(differs from ${{ base: letterOf(0) }})`}</span>}
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
