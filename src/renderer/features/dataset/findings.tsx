/** What is worth knowing before training, dearest first, and what was left out. */
import { pictureUrl } from '../../../shared/contract/contract'
import type { DatasetSummary, Finding } from '../../../shared/domain/dataset'
import { formatCount, formatPlural } from '../../ui/format'
import { PictureTile } from '../../ui/picture-tile'
import classes from './findings.module.css'

const ORDER: Readonly<Record<Finding['severity'], number>> = { stop: 0, look: 1, note: 2 }
const WORDS: Readonly<Record<Finding['severity'], string>> = { stop: 'Stop', look: 'Look', note: 'Note' }
const MOST_TILES = 6
const MOST_LINES = 200

/** Stops first, then looks, then notes; within each as they came. */
export function bySeverity(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => ORDER[a.severity] - ORDER[b.severity])
}

/** Paths that are pictures; files that were set aside or passed over have nothing to show. */
function shownPaths(finding: Finding): readonly string[] {
  return finding.kind === 'set-aside' || finding.kind === 'ignored' ? [] : finding.paths
}

export function Findings(props: { summary: DatasetSummary; onShow: (title: string, paths: readonly string[]) => void }) {
  const { summary, onShow } = props
  const findings = bySeverity(summary.findings)
  return (
    <section aria-labelledby="findings-heading">
      <h2 id="findings-heading">{findings.length === 0 ? 'No findings' : formatPlural(findings.length, 'finding')}</h2>
      {findings.length === 0 && <p className={classes.why}>No copies, no gaps, no broken files. This dataset is ready to train on.</p>}
      <ul>
        {findings.map((finding) => {
          const paths = shownPaths(finding)
          return (
            <li key={finding.kind} className={classes.finding} data-severity={finding.severity}>
              <span className={classes.word}>{WORDS[finding.severity]}</span>
              <div className={classes.body}>
                <h3>{finding.title}</h3>
                <p className={classes.why}>
                  {finding.why} {finding.action}
                </p>
                {paths.length > 0 && (
                  <button
                    type="button"
                    className={classes.pictures}
                    aria-label={`Show ${formatPlural(paths.length, 'picture')}: ${finding.title}`}
                    onClick={() => onShow(finding.title, paths)}
                  >
                    {paths.slice(0, MOST_TILES).map((path) => (
                      <PictureTile key={path} url={pictureUrl({ datasetId: summary.datasetId }, path, 96)} alt="" />
                    ))}
                    {paths.length > MOST_TILES && <span className={classes.more}>+{formatCount(paths.length - MOST_TILES)}</span>}
                  </button>
                )}
              </div>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

export function Leftovers(props: { summary: DatasetSummary }) {
  const { setAside, ignored } = props.summary
  return (
    <div className={classes.leftovers}>
      {setAside.length > 0 && (
        <details>
          <summary>{formatPlural(setAside.length, 'file')} set aside</summary>
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
          {setAside.length > MOST_LINES && <p className="meta">and {formatCount(setAside.length - MOST_LINES)} more</p>}
        </details>
      )}
      {ignored.length > 0 && (
        <details>
          <summary>{formatPlural(ignored.length, 'file or folder', 'files and folders')} ignored</summary>
          <ul>
            {ignored.slice(0, MOST_LINES).map((entry) => (
              <li key={entry.path}>
                <p className="mono">{entry.path}</p>
                <p className={classes.why}>{entry.reason}</p>
              </li>
            ))}
          </ul>
          {ignored.length > MOST_LINES && <p className="meta">and {formatCount(ignored.length - MOST_LINES)} more</p>}
        </details>
      )}
    </div>
  )
}
