/** The open dataset: classes with their pictures on the left; split and findings, or one class, on the right. */
import { useCallback, useRef, useState } from 'react'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import { splitDataset } from '../../state/dataset'
import { formatBytes, formatCount, formatDuration, formatPlural } from '../../ui/format'
import { SplitBar, SplitKey } from '../../ui/split-bar'
import { SplitEditor } from '../../ui/split-editor'
import { ClassList } from './class-list'
import { ClassPanel, PathsPanel } from './class-panel'
import { Findings, Leftovers } from './findings'
import classes from './open-dataset.module.css'
import { SourceButtons } from './sources'

type Aside = { kind: 'class'; index: number } | { kind: 'paths'; title: string; paths: readonly string[] } | null

export function OpenDataset(props: { summary: DatasetSummary; isSplitting: boolean }) {
  const { summary, isSplitting } = props
  const [aside, setAside] = useState<Aside>(null)
  const opener = useRef<HTMLElement | null>(null)
  const revision = `${summary.ratios.train} ${summary.ratios.val} ${summary.ratios.test} ${summary.seed}`

  const show = (next: Aside): void => {
    if (document.activeElement instanceof HTMLElement) opener.current = document.activeElement
    setAside(next)
  }
  const close = useCallback((): void => {
    setAside(null)
    opener.current?.focus()
  }, [])

  return (
    <main className={`screen ${classes.screen}`}>
      <div className={classes.head}>
        <div className={classes.title}>
          <h1>
            {formatPlural(summary.classes.length, 'class', 'classes')} · {formatPlural(summary.pictures, 'picture')}
            {summary.setAside.length > 0 && <span className={classes.quiet}> · {formatCount(summary.setAside.length)} set aside</span>}
          </h1>
          <p className={classes.facts}>
            <span className="mono ellipsis" title={summary.root}>
              {summary.root}
            </span>
            <span className="meta">
              {formatBytes(summary.sizeBytes)} · read in {formatDuration(summary.durationMs / 1000)}
            </span>
          </p>
        </div>
        <SourceButtons isQuiet />
      </div>
      <div className={classes.columns}>
        <ClassList summary={summary} revision={revision} selected={aside?.kind === 'class' ? aside.index : null} onSelect={(index) => show({ kind: 'class', index })} />
        <aside className={classes.aside} aria-label={aside === null ? 'Split and findings' : 'Details'}>
          {aside === null && (
            <>
              <section className={classes.section} aria-labelledby="split-heading">
                <h2 id="split-heading">Split</h2>
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
              <Findings summary={summary} onShow={(title, paths) => show({ kind: 'paths', title, paths })} />
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
