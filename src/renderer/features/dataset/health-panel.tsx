/** What is worth knowing before training, dearest first: what is known at once, then what a look at every picture shows. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { pictureUrl } from '../../../shared/contract/contract'
import type { DatasetSummary, Finding } from '../../../shared/domain/dataset'
import type { HealthFinding, HealthReport } from '../../../shared/domain/health'
import { lookAtDataset, stopLooking, useHealth, type HealthState } from '../../state/health'
import { FailurePanel } from '../../ui/failure-panel'
import { formatCount } from '../../ui/format'
import { PictureTile } from '../../ui/picture-tile'
import { ProgressLine } from '../../ui/progress-line'
import { bySeverity } from './findings'
import findings from './findings.module.css'
import classes from './health-panel.module.css'

const WORDS: Readonly<Record<Finding['severity'], string>> = { stop: t`Stop`, look: t`Look`, note: t`Note` }
const MOST_TILES = 6

interface Shown {
  kind: string
  severity: Finding['severity']
  title: string
  text: string
  sample: readonly string[]
  count: number
  open: (() => void) | null
}

export function HealthPanel(props: {
  summary: DatasetSummary
  /** The finding whose pictures are open. */
  selected: string | null
  onOpen: (finding: HealthFinding) => void
  onShow: (title: string, paths: readonly string[]) => void
}) {
  const { summary, selected, onOpen, onShow } = props
  const { phase, report, progress, failure } = useHealth()
  const shown: Shown[] = report === null ? bySeverity(summary.findings).map((finding) => fromSummary(finding, onShow)) : report.findings.map((finding) => fromReport(finding, onOpen))
  return (
    <section aria-labelledby="findings-heading">
      <h2 id="findings-heading">{shown.length === 0 ? (phase === 'ready' ? t`No findings` : t`Findings`) : plural({ findings: shown.length }, { one: '# finding', other: '# findings' })}</h2>
      {phase !== 'ready' && <Looking phase={phase} progress={progress} datasetId={summary.datasetId} />}
      {failure !== null && (
        <FailurePanel failure={failure}>
          <Button onClick={() => void lookAtDataset(summary.datasetId)}>
            <Trans>Look again</Trans>
          </Button>
        </FailurePanel>
      )}
      {phase === 'ready' && shown.length === 0 && (
        <p className={findings.why}>
          <Trans>Every picture was looked at. No copies, nothing blurred, dark or broken. This dataset is ready to train on.</Trans>
        </p>
      )}
      {phase === 'ready' && report !== null && report.groups > 0 && (
        <p className="meta">{alikeWords(report)}</p>
      )}
      <ul>
        {shown.map((finding) => (
          <Row key={finding.kind} finding={finding} datasetId={summary.datasetId} isOpen={finding.kind === selected} />
        ))}
      </ul>
    </section>
  )
}

function alikeWords({ groupedPictures, groups, findings: found }: HealthReport): string {
  // A split that came with the folder may tear them apart; then that is the first finding.
  return found.some(({ kind }) => kind === 'leak')
    ? t`${plural({ pictures: groupedPictures }, { one: '# picture', other: '# pictures' })} look alike, in ${plural(groups, { one: '# group', other: '# groups' })}.`
    : t`${plural({ pictures: groupedPictures }, { one: '# picture', other: '# pictures' })} look alike, in ${plural(groups, { one: '# group', other: '# groups' })}; the split keeps each together.`
}

function Looking({ phase, progress, datasetId }: Pick<HealthState, 'phase' | 'progress'> & { datasetId: string }) {
  if (phase === 'failed') return null
  if (phase === 'stopped') {
    return (
      <p className={classes.looking}>
        <span>
          <Trans>The pictures themselves were not all looked at.</Trans>
        </span>
        <button type="button" className="link-button" onClick={() => void lookAtDataset(datasetId)}>
          <Trans>Look at them</Trans>
        </button>
      </p>
    )
  }
  const isKnown = progress !== null && progress.total > 0
  return (
    <div className={classes.work}>
      <ProgressLine label={t`Looking at the pictures`} share={isKnown ? progress.done / progress.total : null} />
      <p className={classes.looking}>
        <span>
          {progress?.message ?? t`Looking at the pictures`}
          {isKnown && ` · ${t`${{ done: formatCount(progress.done) }} of ${{ total: formatCount(progress.total) }}`}`}
        </span>
        <button type="button" className="link-button" onClick={stopLooking}>
          <Trans>Stop</Trans>
        </button>
      </p>
    </div>
  )
}

function fromSummary(finding: Finding, onShow: (title: string, paths: readonly string[]) => void): Shown {
  const { kind, severity, title, why, action } = finding
  // Files that were set aside or passed over have nothing to show.
  const sample = kind === 'set-aside' || kind === 'ignored' ? [] : finding.paths
  return { kind, severity, title, text: `${why} ${action}`, sample, count: sample.length, open: sample.length === 0 ? null : () => onShow(title, sample) }
}

function fromReport(finding: HealthFinding, onOpen: (finding: HealthFinding) => void): Shown {
  const { kind, severity, title, why, action, sample, count, items } = finding
  // What to do stands beside the pictures, with the buttons that do it.
  return { kind, severity, title, text: items === 0 ? `${why} ${action}` : why, sample, count, open: items === 0 ? null : () => onOpen(finding) }
}

function Row({ finding, datasetId, isOpen }: { finding: Shown; datasetId: string; isOpen: boolean }) {
  const { severity, title, text, sample, count, open } = finding
  return (
    <li className={findings.finding} data-severity={severity}>
      <span className={findings.word}>{WORDS[severity]}</span>
      <div className={findings.body}>
        <h3>{title}</h3>
        <p className={findings.why}>{text}</p>
        {open !== null && (
          <button type="button" className={classes.open} aria-pressed={isOpen} aria-label={t`Show ${plural(count, { one: '# picture', other: '# pictures' })}: ${title}`} onClick={open}>
            {sample.slice(0, MOST_TILES).map((path) => (
              <PictureTile key={path} url={pictureUrl({ datasetId }, path, 96)} alt="" />
            ))}
            <span className={classes.more}>{count > MOST_TILES ? `+${formatCount(count - MOST_TILES)}` : t`Show`}</span>
          </button>
        )}
      </div>
    </li>
  )
}
