/** The order of findings, and what was left out of the dataset. */
import { plural, t } from '@lingui/core/macro'
import type { DatasetSummary, Finding } from '../../../shared/domain/dataset'
import { formatCount } from '../../ui/format'
import classes from './findings.module.css'

const ORDER: Readonly<Record<Finding['severity'], number>> = { stop: 0, look: 1, note: 2 }
const MOST_LINES = 200

/** Stops first, then looks, then notes; within each as they came. */
export function bySeverity(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => ORDER[a.severity] - ORDER[b.severity])
}

export function Leftovers(props: { summary: DatasetSummary }) {
  const { setAside, ignored } = props.summary
  return (
    <div className={classes.leftovers}>
      {setAside.length > 0 && (
        <details>
          <summary>{plural({ count: setAside.length }, { one: '# file set aside', other: '# files set aside' })}</summary>
          <ul>
            {setAside.slice(0, MOST_LINES).map((file) => (
              <li key={file.path}>
                <p className="mono">{file.path}</p>
                <p className={classes.why}>
                  {file.message} {file.action}
                </p>
              </li>
            ))}
          </ul>
          {setAside.length > MOST_LINES && <p className="meta">{t`and ${{ count: formatCount(setAside.length - MOST_LINES) }} more`}</p>}
        </details>
      )}
      {ignored.length > 0 && (
        <details>
          <summary>{plural({ count: ignored.length }, { one: '# file or folder ignored', other: '# files and folders ignored' })}</summary>
          <ul>
            {ignored.slice(0, MOST_LINES).map((entry) => (
              <li key={entry.path}>
                <p className="mono">{entry.path}</p>
                <p className={classes.why}>{entry.reason}</p>
              </li>
            ))}
          </ul>
          {ignored.length > MOST_LINES && <p className="meta">{t`and ${{ count: formatCount(ignored.length - MOST_LINES) }} more`}</p>}
        </details>
      )}
    </div>
  )
}
