/** The open dataset: classes with their pictures on the left; split and findings, or one class, on the right. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useHotkeys } from '@mantine/hooks'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import type { HealthFinding } from '../../../shared/domain/health'
import { splitDataset } from '../../state/dataset'
import { lookAtDataset, redoFix, undoFix, useHealth } from '../../state/health'
import { classCount, pictureCount } from '../../ui/counts'
import { formatBytes, formatCount, formatDuration } from '../../ui/format'
import { SplitBar, SplitKey } from '../../ui/split-bar'
import { SplitEditor } from '../../ui/split-editor'
import { ClassList } from './class-list'
import { ClassPanel, PathsPanel } from './class-panel'
import { Decisions } from './decisions'
import { FindingView } from './finding-view'
import { Leftovers } from './findings'
import { HealthPanel } from './health-panel'
import classes from './open-dataset.module.css'
import { SourceButtons } from './sources'

type Aside = { kind: 'class'; index: number } | { kind: 'paths'; title: string; paths: readonly string[] } | null

export function OpenDataset(props: { summary: DatasetSummary; isSplitting: boolean }) {
  const { summary, isSplitting } = props
  const [aside, setAside] = useState<Aside>(null)
  const opener = useRef<HTMLElement | null>(null)
  /** Stays open when its last picture was decided about, so that this can be taken back there. */
  const [finding, setFinding] = useState<HealthFinding | null>(null)
  const health = useHealth()
  const splitRevision = `${summary.ratios.train} ${summary.ratios.val} ${summary.ratios.test} ${summary.seed}`
  const revision = `${splitRevision} ${health.revision}`
  const current = finding === null ? null : (health.report?.findings.find(({ kind }) => kind === finding.kind) ?? null)
  // A folder that was read anew, or split anew, may have other findings.
  useEffect(() => {
    void lookAtDataset(summary.datasetId)
  }, [summary.datasetId, summary.durationMs, splitRevision])

  const show = (next: Aside): void => {
    if (document.activeElement instanceof HTMLElement) opener.current = document.activeElement
    setAside(next)
  }
  const close = useCallback((): void => {
    setAside(null)
    setFinding(null)
    opener.current?.focus()
  }, [])
  useHotkeys([
    ['mod+Z', undoFix],
    ['mod+shift+Z', redoFix],
    ['mod+Y', redoFix],
    // From wherever the focus is: a button that was just used up has lost it. A dialog's own Escape is the dialog's.
    ['Escape', () => finding !== null && document.querySelector('[role="dialog"]') === null && close()],
  ])
  const openFinding = (next: HealthFinding): void => {
    if (document.activeElement instanceof HTMLElement) opener.current = document.activeElement
    setFinding(next)
  }

  return (
    <main className={`screen ${classes.screen}`}>
      <div className={classes.head}>
        <div className={classes.title}>
          <h1>
            {classCount(summary.classes.length)} · {pictureCount(summary.pictures)}
            {summary.setAside.length > 0 && <span className={classes.quiet}> · {t`${{ count: formatCount(summary.setAside.length) }} set aside`}</span>}
            {summary.excluded !== undefined && summary.excluded > 0 && <span className={classes.decided}> · {t`${{ count: formatCount(summary.excluded) }} excluded`}</span>}
          </h1>
          <p className={classes.facts}>
            <span className="mono ellipsis" title={summary.root}>
              {summary.root}
            </span>
            <span className="meta">
              {formatBytes(summary.sizeBytes)} · {t`read in ${{ duration: formatDuration(summary.durationMs / 1000) }}`}
            </span>
          </p>
        </div>
        <SourceButtons isQuiet />
      </div>
      <div className={classes.columns}>
        {finding === null ? (
          <ClassList summary={summary} revision={revision} selected={aside?.kind === 'class' ? aside.index : null} onSelect={(index) => show({ kind: 'class', index })} />
        ) : (
          <FindingView key={finding.kind} summary={summary} finding={current ?? finding} isGone={current === null} onClose={close} />
        )}
        <aside className={classes.aside} aria-label={aside === null ? t`Split and findings` : t`Details`}>
          {aside === null && (
            <>
              <section className={classes.section} aria-labelledby="split-heading">
                <h2 id="split-heading">
                  <Trans>Split</Trans>
                </h2>
                <SplitBar counts={summary.split} isTall />
                <SplitKey counts={summary.split} />
                <SplitEditor
                  ratios={summary.ratios}
                  seed={summary.seed}
                  layout={summary.layout}
                  counts={summary.split}
                  isBusy={isSplitting}
                  onApply={(ratios, seed) => void splitDataset(ratios, seed)}
                />
              </section>
              <HealthPanel summary={summary} selected={finding?.kind ?? null} onOpen={openFinding} onShow={(title, paths) => show({ kind: 'paths', title, paths })} />
              <Decisions />
              <Leftovers summary={summary} />
            </>
          )}
          {aside?.kind === 'class' && <ClassPanel key={aside.index} summary={summary} classIndex={aside.index} revision={revision} onClose={close} />}
          {aside?.kind === 'paths' && <PathsPanel key={aside.title} datasetId={summary.datasetId} title={aside.title} paths={aside.paths} onClose={close} />}
        </aside>
      </div>
    </main>
  )
}
