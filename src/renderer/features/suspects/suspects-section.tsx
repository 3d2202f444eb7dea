/** Pictures to look at: suspected labels, the hardest and the most typical of each class, and what more of a class would bring. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, SegmentedControl, Select } from '@mantine/core'
import { useState } from 'react'
import type { SuspectsReport } from '../../../shared/domain/suspects'
import { FailurePanel } from '../../ui/failure-panel'
import { formatCount, formatShare } from '../../ui/format'
import { ProgressLine } from '../../ui/progress-line'
import { LearningPanel } from './learning-panel'
import { LIST_TITLES, LIST_WORDS, type ListName, listOf, LISTS } from './picture-lists'
import { PictureGrid } from './picture-grid'
import classes from './suspects.module.css'
import { useSuspects } from './use-suspects'

export function SuspectsSection({ runId, version }: { runId: string; version: string }) {
  const { state, look, cancel } = useSuspects(runId)
  return (
    <>
      <div className={classes.head}>
        <h2 id="suspects-title">
          <Trans>Pictures to look at</Trans>
        </h2>
        {state.kind === 'done' && (
          <span className="meta">
            {t`${plural({ count: state.report.pictures }, { one: '# picture', other: '# pictures' })}, each seen by a head that has not learned from it: ${{ share: formatShare(state.report.accuracy) }} right`}
          </span>
        )}
      </div>
      {state.kind === 'opening' && (
        <p className={classes.quiet}>
          <Trans>Looking for what is known</Trans>
        </p>
      )}
      {state.kind === 'none' && (
        <div className={classes.ask}>
          <p>
            <Trans>Which labels are probably wrong, which pictures are the hardest and the most typical, and what more of them would bring. Every picture of the run is looked at once by the backbone that it began with.</Trans>
          </p>
          <Button variant="default" onClick={look}>
            <Trans>Look at the pictures</Trans>
          </Button>
        </div>
      )}
      {state.kind === 'busy' && (
        <div className={classes.busy}>
          <ProgressLine label={t`Looking at the pictures`} share={state.progress === null || state.progress.total === 0 ? null : state.progress.done / state.progress.total} />
          <p className="meta" role="status">
            {state.progress === null ? t`Opening the pictures` : `${state.progress.message}${state.progress.total > 1 ? ` · ${t`${{ done: formatCount(state.progress.done) }} of ${{ total: formatCount(state.progress.total) }}`}` : ''}`}
          </p>
          <Button variant="default" onClick={cancel}>
            <Trans>Cancel</Trans>
          </Button>
        </div>
      )}
      {state.kind === 'failed' && (
        <FailurePanel title={t`The pictures could not be looked at`} failure={state.failure}>
          <Button onClick={look}>
            <Trans>Try again</Trans>
          </Button>
        </FailurePanel>
      )}
      {state.kind === 'done' && <Found runId={runId} version={version} report={state.report} />}
    </>
  )
}

const isList = (value: string): value is ListName => value in LIST_TITLES

function Found({ runId, version, report }: { runId: string; version: string; report: SuspectsReport }) {
  const [list, setList] = useState<ListName>('suspects')
  const [classIndex, setClassIndex] = useState(0)
  const counts: Readonly<Record<ListName, number | null>> = { suspects: report.suspected, hardest: null, typical: null, alike: report.alike?.found ?? 0 }
  const titleOf = (name: ListName): string => `${LIST_TITLES[name]}${counts[name] === null ? '' : ` · ${formatCount(counts[name])}`}`
  const hasClass = list === 'hardest' || list === 'typical'
  return (
    <>
      <div className={classes.tools}>
        <SegmentedControl
          aria-label={t`Which pictures`}
          value={list}
          onChange={(value) => isList(value) && setList(value)}
          data={LISTS.filter((name) => name !== 'alike' || report.alike !== null).map((name) => ({ value: name, label: titleOf(name) }))}
        />
        {hasClass && (
          <Select
            aria-label={t`Class`}
            value={String(classIndex)}
            onChange={(value) => value !== null && setClassIndex(Number(value))}
            data={report.classes.map((name, k) => ({ value: String(k), label: name }))}
            allowDeselect={false}
            searchable={report.classes.length > 12}
          />
        )}
      </div>
      <p className={classes.words}>
        {LIST_WORDS[list]}
        {report.unread > 0 && ` ${plural({ count: report.unread }, { one: '# picture could not be read and took no part.', other: '# pictures could not be read and took no part.' })}`}
      </p>
      <PictureGrid key={`${list} ${hasClass ? classIndex : ''}`} runId={runId} version={version} label={titleOf(list)} classNames={report.classes} pictures={listOf(report, list, classIndex)} />
      {report.curve !== null && <LearningPanel curve={report.curve} classNames={report.classes} />}
    </>
  )
}
