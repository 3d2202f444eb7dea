/** What the run's numbers say of how it learned, and what to try. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useEffect, useState } from 'react'
import { type Finding, FINDING_TITLES } from '../../../shared/domain/advice'
import { client } from '../../state/host'
import { report } from '../../state/machine'
import classes from './findings.module.css'

/** `version` changes when the run does. */
function useFindings(runId: string, version: string): readonly Finding[] {
  const [findings, setFindings] = useState<readonly Finding[]>([])
  useEffect(() => {
    let isCurrent = true
    client()
      .results.advice({ runId })
      .then(
        (answer) => {
          if (isCurrent) setFindings(answer.findings)
        },
        (error: unknown) => {
          if (isCurrent) report(error)
        },
      )
    return () => {
      isCurrent = false
    }
  }, [runId, version])
  return findings
}

export function Findings({ runId, version }: { runId: string; version: string }) {
  const findings = useFindings(runId, version)
  if (findings.length === 0) return null
  return (
    <ul className={classes.findings} aria-label={t`What the numbers say`}>
      {findings.map(({ kind, severity, headline, tries }) => (
        <li key={kind} className={classes.finding} data-severity={severity}>
          <p>
            <span className="strong">{FINDING_TITLES[kind]}.</span> {headline}
          </p>
          {tries.length > 0 && (
            <p className={classes.tries}>
              <Trans>Worth a try: {{ tries: tries.join('; ') }}.</Trans>
            </p>
          )}
        </li>
      ))}
    </ul>
  )
}
