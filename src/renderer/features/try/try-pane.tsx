/** The test pane: pictures go in by drop, paste, choice or camera; the run's best model so far answers beside the work. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Button } from '@mantine/core'
import { IconCamera, IconPhotoPlus, IconX } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { hasModel, isLive, type RunRecord } from '../../../shared/domain/run'
import { report, useMachine } from '../../state/machine'
import { setTrying, usePlace } from '../../state/place'
import { useRun } from '../../state/run'
import { statusOf } from '../../state/run-view'
import { FailurePanel } from '../../ui/failure-panel'
import { formatCount } from '../../ui/format'
import { CameraView } from './camera-view'
import { TriedAnswer } from './tried-answer'
import { droppedPictures, firstOf } from './tried-files'
import { TriedStrip } from './tried-strip'
import classes from './try-pane.module.css'
import { addFiles, askAgain, askAgainSoon, cancelSoon, openTry, removeAll, useTry } from './try-state'
import { calibrationWords } from './try-words'

export function TryPane(props: { runId: string }) {
  const { runId } = props
  const record = useRun((run) => run.record)
  const bestEpoch = useRun((run) => run.view.bestEpoch ?? run.record?.best_epoch ?? null)
  const hasEnded = useRun((run) => {
    const status = statusOf(run)
    return status !== null && !isLive(status)
  })
  const { pictures, selectedId, model, failure, said } = useTry()
  const [isCameraOpen, setIsCameraOpen] = useState(false)
  const [note, setNote] = useState('')
  const heading = useRef<HTMLHeadingElement>(null)
  const canAnswer = bestEpoch !== null || (record !== null && hasModel(record))

  useEffect(() => openTry(runId, canAnswer), [runId, canAnswer])
  // Opened, or the run has ended: its evaluation has a temperature and thresholds.
  useEffect(() => {
    if (canAnswer) askAgain()
  }, [runId, canAnswer, hasEnded])
  // A better epoch was written.
  useEffect(() => {
    if (canAnswer) askAgainSoon()
    return cancelSoon
  }, [runId, canAnswer, bestEpoch])
  useEffect(() => heading.current?.focus(), [])
  const take = (files: readonly File[], left = 0): void => {
    const { files: taken, more } = firstOf(files, left)
    setNote(more > 0 ? t`The first ${{ taken: formatCount(taken.length) }} were taken; ${plural(more, { one: '# picture', other: '# pictures' })} more were left out.` : taken.length === 0 ? t`There was no picture in it.` : '')
    addFiles(taken)
  }
  usePaste(take, setNote)
  const drop = useDrop(take)

  const count = pictures.length
  const selected = pictures.find(({ id }) => id === selectedId) ?? pictures[0] ?? null
  return (
    <aside className={classes.pane} aria-label={t`Try pictures`} {...drop.handlers}>
      <header className={classes.head}>
        <div className={classes.titles}>
          <h2 ref={heading} tabIndex={-1} className={classes.title}>
            <Trans>Try pictures</Trans>
          </h2>
          <p className="meta">
            <ModelLine record={record} bestEpoch={bestEpoch} canAnswer={canAnswer} hasEnded={hasEnded} />
          </p>
        </div>
        <ActionIcon aria-label={t`Close Try pictures`} onClick={() => setTrying(false)}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </header>
      <div className={classes.body}>
        {isCameraOpen && <CameraView onPicture={(file) => take([file])} onClose={() => setIsCameraOpen(false)} />}
        {failure !== null && (
          <FailurePanel title={t`The model could not answer`} failure={failure}>
            <Button onClick={askAgain}>
              <Trans>Try again</Trans>
            </Button>
          </FailurePanel>
        )}
        {selected === null ? !isCameraOpen && <Empty canAnswer={canAnswer} hasEnded={hasEnded} /> : <TriedAnswer picture={selected} model={model} waiting={waitingWords(canAnswer, selected.source === null)} isSmall={isCameraOpen} />}
        {pictures.length > 0 && (
          <section aria-label={t`Tried`} className={classes.tried}>
            <div className={classes.triedHead}>
              <h3>{plural(count, { one: '# picture tried', other: '# pictures tried' })}</h3>
              <button type="button" className="link-button" onClick={removeAll}>
                <Trans>Take all away</Trans>
              </button>
            </div>
            <TriedStrip pictures={pictures} selectedId={selected?.id ?? null} classNames={model?.classes ?? record?.classes ?? []} />
          </section>
        )}
      </div>
      <footer className={classes.foot}>
        <ChooseButton onFiles={take} />
        {!isCameraOpen && (
          <Button variant="default" leftSection={<IconCamera size={14} aria-hidden />} onClick={() => setIsCameraOpen(true)}>
            <Trans>Camera</Trans>
          </Button>
        )}
        <p className="meta">{note !== '' ? note : t`Drop a folder or files here; paste a copied picture.`}</p>
      </footer>
      {drop.isOver && (
        <p className={classes.over} aria-hidden>
          <Trans>Try them on the model</Trans>
        </p>
      )}
      <p className="visually-hidden" role="status">
        {said}
      </p>
    </aside>
  )
}

function waitingWords(canAnswer: boolean, isSending: boolean): string {
  if (isSending) return t`Reading the picture`
  return canAnswer ? t`Asking the model` : t`It is answered as soon as the first epoch is whole.`
}

/** Who answers, and how far it can be believed. */
function ModelLine(props: { record: RunRecord | null; bestEpoch: number | null; canAnswer: boolean; hasEnded: boolean }) {
  const model = useTry((state) => state.model)
  const isAway = useMachine(({ connection }) => connection.kind === 'away')
  if (isAway) return t`The server does not answer; questions wait until it is back.`
  if (!props.canAnswer) return props.hasEnded ? t`This run has no whole epoch` : t`No epoch is whole yet`
  if (model === null) return props.hasEnded ? t`The best epoch answers` : t`The best epoch so far answers`
  const who = props.record?.origin === 'imported' ? t`The imported model answers` : epochWords(model.epoch, props)
  return `${who} · ${calibrationWords(model)}`
}

function epochWords(epoch: number, { bestEpoch, hasEnded }: { bestEpoch: number | null; hasEnded: boolean }): string {
  if (bestEpoch !== null && bestEpoch > epoch) return t`Epoch ${epoch} answers; epoch ${bestEpoch} is better and comes next`
  return hasEnded ? t`Epoch ${epoch} answers, the best` : t`Epoch ${epoch} answers, the best so far`
}

function Empty(props: { canAnswer: boolean; hasEnded: boolean }) {
  return (
    <div className={classes.empty}>
      <IconPhotoPlus size={32} stroke={1.5} aria-hidden />
      <p className="strong">
        <Trans>Drop a picture here</Trans>
      </p>
      <p>
        {props.canAnswer || props.hasEnded
          ? t`See what the model says of it, how sure it is, and whether it is any of the classes at all.`
          : t`The model answers as soon as its first epoch is whole, and again with each better one.`}
      </p>
      <p className="meta">
        <Trans>Nothing is kept of it, and the training is not changed by it.</Trans>
      </p>
    </div>
  )
}

function ChooseButton(props: { onFiles: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        accept="image/*,.heic,.heif,.avif,.tif,.tiff,.bmp"
        hidden
        aria-label={t`Pictures to try`}
        onChange={({ currentTarget }) => {
          props.onFiles([...(currentTarget.files ?? [])])
          // The same file may be chosen again.
          currentTarget.value = ''
        }}
      />
      <Button leftSection={<IconPhotoPlus size={14} aria-hidden />} onClick={() => input.current?.click()}>
        <Trans>Choose pictures</Trans>
      </Button>
    </>
  )
}

const isTyping = (target: EventTarget | null) => target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null

function usePaste(take: (files: readonly File[]) => void, say: (note: string) => void): void {
  const latest = useRef({ take, say })
  latest.current = { take, say }
  useEffect(() => {
    const onPaste = (event: ClipboardEvent): void => {
      if (isTyping(event.target)) return
      const files = [...(event.clipboardData?.files ?? [])]
      if (files.length > 0) latest.current.take(files)
      else latest.current.say(t`There is no picture on the clipboard.`)
    }
    window.addEventListener('paste', onPaste)
    return () => window.removeEventListener('paste', onPaste)
  }, [])
}

/** Over the pane a drop is its own: the window's, which opens folders as datasets, does not hear of it. */
function useDrop(take: (files: readonly File[], more: number) => void) {
  const [isOver, setIsOver] = useState(false)
  const depth = useRef(0)
  const hear = (work: (event: React.DragEvent) => void) => (event: React.DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return
    event.stopPropagation()
    event.preventDefault()
    work(event)
  }
  const end = (): void => {
    depth.current = 0
    setIsOver(false)
  }
  return {
    isOver,
    handlers: {
      // Entering a child comes before leaving its parent.
      onDragEnter: hear(() => (depth.current++, setIsOver(true))),
      onDragLeave: hear(() => --depth.current <= 0 && end()),
      onDragOver: hear((event) => (event.dataTransfer.dropEffect = 'copy')),
      onDrop: hear((event) => {
        end()
        droppedPictures(event.dataTransfer).then(({ files, more }) => take(files, more), report)
      }),
    },
  }
}

/** Opens and closes the pane, on the screens of a run. */
export function TryButton() {
  const isTrying = usePlace((place) => place.isTrying)
  return (
    <Button variant={isTrying ? 'light' : 'default'} leftSection={<IconPhotoPlus size={14} aria-hidden />} aria-pressed={isTrying} onClick={() => setTrying(!isTrying)}>
      <Trans>Try pictures</Trans>
    </Button>
  )
}

