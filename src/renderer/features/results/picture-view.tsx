/**
 * One picture large: what the model gave each class, where it looked for the truth and for its answer, and the training pictures most
 * alike to it; and what can be decided about it, or about one of those. Arrow keys go through the cell, numbers choose what is shown; Escape closes.
 */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Button, Modal } from '@mantine/core'
import { IconArrowLeft, IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { pictureUrl } from '../../../shared/contract/contract'
import type { Neighbour } from '../../../shared/domain/explanation'
import type { Prediction } from '../../../shared/domain/metrics'
import { classColor } from '../../ui/class-colors'
import { formatCount, formatShare } from '../../ui/format'
import { ProgressLine } from '../../ui/progress-line'
import { type HeatmapMode, modeFor, modesOf } from './heatmap-modes'
import { HeatmapFoot, HeatmapStage, HeatmapSwitch, TrainingPicture } from './heatmap-stage'
import { Neighbours } from './neighbours'
import { isTyping, PictureActions } from './picture-actions'
import classes from './picture-view.module.css'
import type { RunFixesView } from './run-fixes'
import { useExplanations } from './use-explanations'

const MOST_BARS = 12
/** Enough to see the map, little enough to see the picture below it. */
const USUAL_OPACITY = 0.55

/** Controls that the arrow keys belong to while they have the focus. */
const takesArrows = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.closest('input, [role="slider"]') !== null

export function PictureView(props: {
  runId: string
  /** Changes when the best checkpoint does. */
  version: string
  classNames: readonly string[]
  pictures: readonly Prediction[]
  total: number
  index: number
  fixes: RunFixesView
  /** Whose probabilities these are, where they are not the run's own. */
  note?: string
  onMove: (index: number) => void
  onClose: () => void
}) {
  const { runId, version, classNames, pictures, total, index, fixes, note, onMove, onClose } = props
  const [chosen, setChosen] = useState<HeatmapMode>('picture')
  const [opacity, setOpacity] = useState(USUAL_OPACITY)
  const [opened, setOpened] = useState<Neighbour | null>(null)
  const paths = useMemo(() => pictures.map(({ path }) => path), [pictures])
  const { retry, ...view } = useExplanations(runId, version, paths, index)
  const picture = pictures[index]
  const modes = modesOf(picture?.truth ?? 0, picture?.prediction ?? 0)
  const mode = modeFor(chosen, modes)
  useEffect(() => setOpened(null), [index])
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return
      const isArrow = event.key.startsWith('Arrow') && !takesArrows(event.target)
      if (isArrow && (event.key === 'ArrowRight' || event.key === 'ArrowDown')) onMove(index + 1)
      else if (isArrow) onMove(index - 1)
      else if (event.key === 'Escape' && opened !== null) setOpened(null)
      else {
        const byKey = modes[Number(event.key) - 1]
        if (byKey === undefined) return
        setOpened(null)
        setChosen(byKey)
      }
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [index, onMove, modes, opened])
  if (picture === undefined) return null
  const { truth, prediction } = picture
  const nameOf = (classIndex: number): string => classNames[classIndex] ?? ''
  const url = pictureUrl({ runId }, picture.path, 768)
  const waits = mode !== 'picture' && view.explanation === null && view.isBusy
  const failure = view.failure ?? view.explanation?.failure ?? null
  return (
    <Modal opened onClose={onClose} closeOnEscape={opened === null} size="min(1440px, 88vw)" title={<span className={`${classes.path} mono`}>{opened === null ? picture.path : opened.path}</span>}>
      <div className={classes.view}>
        <div className={classes.large}>
          <div className={classes.tools}>
            {opened === null ? (
              <HeatmapSwitch modes={modes} mode={mode} truth={nameOf(truth)} prediction={nameOf(prediction)} onChange={setChosen} />
            ) : (
              <Button variant="default" leftSection={<IconArrowLeft size={16} aria-hidden />} onClick={() => setOpened(null)}>
                <Trans>Back to the picture</Trans>
              </Button>
            )}
          </div>
          {opened === null ? (
            <HeatmapStage picture={{ url, truth, prediction }} classNames={classNames} mode={mode} explanation={view.explanation} opacity={opacity}>
              {waits && (
                <div className={classes.waiting} role="status">
                  <ProgressLine label={t`Looking at the picture`} share={null} />
                  <span className="meta">{view.progress?.message ?? t`Opening the model`}</span>
                </div>
              )}
              {mode !== 'picture' && failure !== null && (
                <div className={classes.waiting} role="alert">
                  <span>
                    <Trans>There is no heatmap: {{ reason: failure.message }}</Trans>
                  </span>
                </div>
              )}
            </HeatmapStage>
          ) : (
            <TrainingPicture url={pictureUrl({ runId }, opened.path, 768)} words={t`Training picture of ${{ name: nameOf(opened.classIndex) }}, alike ${{ similarity: opened.similarity.toFixed(3) }}`} />
          )}
          <HeatmapFoot isShown={mode !== 'picture' && opened === null} opacity={opacity} onOpacity={setOpacity} />
          <Neighbours runId={runId} classNames={classNames} view={view} opened={opened} onOpen={setOpened} onRetry={retry} />
        </div>
        <Answers
          picture={picture}
          classNames={classNames}
          note={note ?? null}
          calibrated={note === undefined && view.told !== null && view.told.temperature !== null && view.explanation?.failure === null ? { temperature: view.told.temperature, probabilities: view.explanation.probabilities } : null}
        >
          <PictureActions
            view={fixes}
            picture={
              opened === null
                ? { path: picture.path, label: nameOf(truth), suggestion: truth === prediction ? null : nameOf(prediction) }
                : { path: opened.path, label: nameOf(opened.classIndex), suggestion: null }
            }
            classNames={classNames}
            onDecided={() => opened === null && onMove(index + 1)}
            onTurned={(turned) => {
              const place = pictures.findIndex(({ path }) => turned.includes(path))
              if (opened === null && place >= 0) onMove(place)
            }}
          />
          <div className={classes.steps}>
            <ActionIcon aria-label={t`Previous picture`} disabled={index === 0} onClick={() => onMove(index - 1)} variant="default">
              <IconChevronLeft size={16} aria-hidden />
            </ActionIcon>
            <span className="meta" role="status">
              <Trans>
                {{ done: formatCount(index + 1) }} of {{ total: formatCount(total) }}
              </Trans>
            </span>
            <ActionIcon aria-label={t`Next picture`} disabled={index + 1 >= total} onClick={() => onMove(index + 1)} variant="default">
              <IconChevronRight size={16} aria-hidden />
            </ActionIcon>
          </div>
        </Answers>
      </div>
    </Modal>
  )
}

interface Calibrated {
  temperature: number
  probabilities: readonly number[]
}

/** What is left of the answer at the temperature, and of the truth where that is another class. */
function calibratedWords({ truth, prediction }: Prediction, classNames: readonly string[], { temperature, probabilities }: Calibrated): string {
  const said = (classIndex: number): string => `${classNames[classIndex] ?? ''} ${formatShare(probabilities[classIndex])}`
  const classes = truth === prediction ? said(prediction) : `${said(prediction)}, ${said(truth)}`
  return t`Calibrated, at temperature ${{ temperature: temperature.toFixed(2) }}: ${{ classes }}`
}

function Answers(props: { picture: Prediction; classNames: readonly string[]; note: string | null; calibrated: Calibrated | null; children: ReactNode }) {
  const { picture, classNames, note, calibrated, children } = props
  const bars = picture.probabilities
    .map((probability, classIndex) => ({ probability, classIndex }))
    .sort((a, b) => b.probability - a.probability)
    .filter(({ classIndex }, rank) => rank < MOST_BARS || classIndex === picture.truth)
  return (
    <div className={classes.side}>
      <dl className={classes.facts}>
        <dt>
          <Trans>Truth</Trans>
        </dt>
        <dd>{classNames[picture.truth]}</dd>
        <dt>
          <Trans>Prediction</Trans>
        </dt>
        <dd>{classNames[picture.prediction]}</dd>
      </dl>
      <h3>
        <Trans>Probabilities</Trans>
      </h3>
      {note !== null && <p className="meta">{note}</p>}
      <ul className={classes.bars}>
        {bars.map(({ probability, classIndex }) => (
          <li key={classIndex}>
            <span className={classes.barName}>
              <span className="ellipsis" title={classNames[classIndex]}>
                {classNames[classIndex]}
              </span>
              {classIndex === picture.truth && (
                <span className="meta">
                  <Trans>truth</Trans>
                </span>
              )}
            </span>
            <span>{formatShare(probability)}</span>
            <span className={classes.bar} aria-hidden>
              <span style={{ width: `${probability * 100}%`, background: classColor(classIndex) }} />
            </span>
          </li>
        ))}
      </ul>
      {bars.length < classNames.length && <p className="meta">{plural({ count: classNames.length - bars.length }, { one: '# more class has less', other: '# more classes have less' })}</p>}
      {calibrated !== null && <p className="meta">{calibratedWords(picture, classNames, calibrated)}</p>}
      {children}
    </div>
  )
}
