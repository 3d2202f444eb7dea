/** Pictures that somebody tries, with the answers of the open run's best model; they stay when a better one comes, and are answered again. */
import { plural, t } from '@lingui/core/macro'
import { create } from 'zustand'
import { type AnsweringModelCard, type Answers, MAXIMUM_TRIED_BYTES, MOST_ASKED_AT_ONCE, type PictureAnswer, type TriedSource } from '../../../shared/domain/answer'
import { type Failure, GraftError } from '../../../shared/domain/error'
import { client, host } from '../../state/host'
import { report } from '../../state/machine'
import { ConnectionLost } from '../../transport/connection'
import { failureOf } from '../../transport/streams'
import { MOST_TRIED } from './tried-files'

export interface TriedPicture {
  id: string
  name: string
  /** For the screen, where the browser can show it. */
  previewUrl: string
  /** Null until it is where the main process can read it. */
  source: TriedSource | null
  /** Of what was sent, to be deleted with the picture. */
  uploadId: string | null
  answer: PictureAnswer | null
  /** Whose answer it is. */
  epoch: number | null
  /** Where the answer of another epoch was another one. */
  before: { answer: PictureAnswer; epoch: number } | null
  failure: Failure | null
  /** Which of the models since the pane was opened has answered, and whether all that can be known was known. */
  generation: number
  isSettled: boolean
}

interface Try {
  runId: string | null
  /** Newest first. */
  pictures: readonly TriedPicture[]
  selectedId: string | null
  model: AnsweringModelCard | null
  /** Goes up when there may be a better model. */
  generation: number
  /** False while the run has no epoch to ask. */
  hasModel: boolean
  isAsking: boolean
  /** Why none of them is answered. */
  failure: Failure | null
  /** For those who do not see it. */
  said: string
}

const EMPTY: Try = { runId: null, pictures: [], selectedId: null, model: null, generation: 0, hasModel: false, isAsking: false, failure: null, said: '' }

export const useTry = create<Try>(() => EMPTY)

let asking: { controller: AbortController; isSettled: boolean } | null = null
let isWorking = false
let timer: ReturnType<typeof setTimeout> | undefined
let restUntilMs = 0
/** Times as long as finding out took. */
const REST = 3

function change(id: string, patch: Partial<TriedPicture>): void {
  useTry.setState(({ pictures }) => ({ pictures: pictures.map((picture) => (picture.id === id ? { ...picture, ...patch } : picture)) }))
}

/** The pane is about this run now; pictures tried on another stay and are asked anew. */
export function openTry(runId: string, hasModel: boolean): void {
  const state = useTry.getState()
  if (state.runId === runId) {
    if (state.hasModel !== hasModel) useTry.setState({ hasModel })
  } else {
    asking?.controller.abort()
    useTry.setState({ runId, hasModel, model: null, failure: null, pictures: state.pictures.map((picture) => ({ ...picture, answer: null, before: null, epoch: null, generation: -1, isSettled: false })) })
  }
  work()
}

/** There may be a better model: every picture is asked about again. */
export function askAgain(): void {
  useTry.setState(({ generation }) => ({ generation: generation + 1, failure: null }))
  work()
}

/** The same for a run that trains: what is known of a model costs seconds of a core, so that between two of them the training has three times as long to itself. */
export function askAgainSoon(): void {
  clearTimeout(timer)
  timer = setTimeout(askAgain, Math.max(0, restUntilMs - Date.now()))
}

export function cancelSoon(): void {
  clearTimeout(timer)
}

export function select(id: string): void {
  useTry.setState({ selectedId: id })
}

export function removePicture(id: string): void {
  const { pictures, selectedId } = useTry.getState()
  const at = pictures.findIndex((picture) => picture.id === id)
  const picture = pictures[at]
  if (picture === undefined) return
  forget(picture)
  const left = pictures.filter((other) => other.id !== id)
  useTry.setState({ pictures: left, selectedId: selectedId === id ? ((left[at] ?? left.at(-1))?.id ?? null) : selectedId })
}

export function removeAll(): void {
  asking?.controller.abort()
  for (const picture of useTry.getState().pictures) forget(picture)
  useTry.setState({ pictures: [], selectedId: null, failure: null, said: '' })
}

function forget({ previewUrl, uploadId }: TriedPicture): void {
  URL.revokeObjectURL(previewUrl)
  if (uploadId !== null) void client().uploads.cancel({ uploadId }).catch(report)
}

/** Takes files in, the first of them on top; what cannot be a picture is told at its place. */
export function addFiles(files: readonly File[]): void {
  const added = files.slice(0, MOST_TRIED).map((file) => ({ file, picture: newPicture(file) }))
  const [first] = added
  if (first === undefined) return
  const kept = [...added.map(({ picture }) => picture), ...useTry.getState().pictures]
  for (const old of kept.slice(MOST_TRIED)) forget(old)
  useTry.setState({ pictures: kept.slice(0, MOST_TRIED), selectedId: first.picture.id, said: '' })
  void sendAll(added)
}

function newPicture(file: File): TriedPicture {
  const base = { id: crypto.randomUUID(), name: file.name === '' ? t`Pasted picture` : file.name, previewUrl: URL.createObjectURL(file), source: null, uploadId: null, answer: null, epoch: null, before: null, generation: -1, isSettled: false }
  return { ...base, failure: refusal(file) }
}

function refusal(file: File): Failure | null {
  if (file.size === 0) return { code: 'UNREADABLE', message: t`The file is empty: it has 0 bytes.`, action: t`Copy or download it again.` }
  if (file.size <= MAXIMUM_TRIED_BYTES) return null
  return { code: 'UNREADABLE', message: t`The file has ${{ size: Math.round(file.size / 1024 ** 2) }} MB; a picture to try may have ${{ most: MAXIMUM_TRIED_BYTES / 1024 ** 2 }} MB.`, action: t`Save a smaller version of it.` }
}

/** One after the other, so that the first is answered while the last is still sent. */
async function sendAll(added: readonly { file: File; picture: TriedPicture }[]): Promise<void> {
  for (const { file, picture } of added) {
    if (picture.failure !== null || !isThere(picture.id)) continue
    try {
      const { source, uploadId } = await readable(file)
      if (isThere(picture.id)) change(picture.id, { source, uploadId })
      else if (uploadId !== null) await client().uploads.cancel({ uploadId })
    } catch (error) {
      change(picture.id, { failure: failureOf(error) })
    }
    work()
  }
}

const isThere = (id: string) => useTry.getState().pictures.some((picture) => picture.id === id)

/** Where the main process finds it: in its place, in what the browser has sent, or in the call itself. */
async function readable(file: File): Promise<{ source: TriedSource; uploadId: string | null }> {
  const { pathForFile, putFile } = host()
  if (putFile === null) {
    const path = pathForFile?.(file) ?? ''
    if (path !== '') return { source: { kind: 'path', path }, uploadId: null }
    return { source: { kind: 'bytes', base64: await base64Of(file) }, uploadId: null }
  }
  // Separators and control characters mean something to some system.
  const name = file.name.replaceAll(/[\\/:\u0000-\u001f\u007f]/g, '-').slice(-80) || 'picture'
  const { uploadId } = await client().uploads.begin({ name, files: 1, sizeBytes: file.size, isPassing: true })
  try {
    await putFile(uploadId, name, file, { signal: new AbortController().signal, onSent: () => undefined })
    const { path } = await client().uploads.finish({ uploadId })
    return { source: { kind: 'path', path: `${path}/${name}` }, uploadId }
  } catch (error) {
    void client().uploads.cancel({ uploadId }).catch(report)
    throw error
  }
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(typeof reader.result === 'string' ? reader.result.slice(reader.result.indexOf(',') + 1) : '')
    reader.onerror = () => reject(new GraftError('UNREADABLE', t`${{ file: file.name }} cannot be read.`, { action: t`Check that it is still there.` }))
    reader.readAsDataURL(file)
  })
}

/**
 * The next pictures to ask about. A first answer is given at once, with what is known; one that is there already stays until the next is
 * complete, so that it does not change twice.
 */
function nextChunk(): { pictures: readonly TriedPicture[]; isSettled: boolean } | null {
  const { pictures, generation } = useTry.getState()
  const ready = pictures.filter(({ source, failure }) => source !== null && failure === null)
  const fresh = ready.filter(({ answer }) => answer === null)
  const open = fresh.length > 0 ? fresh : ready.filter((picture) => picture.generation < generation || !picture.isSettled)
  return open.length === 0 ? null : { pictures: open.slice(0, MOST_ASKED_AT_ONCE), isSettled: fresh.length === 0 }
}

function work(): void {
  // Waiting for what is known of the model keeps no new picture waiting.
  if (asking?.isSettled === true && nextChunk()?.isSettled === false) asking.controller.abort()
  if (isWorking) return
  isWorking = true
  void workThrough().finally(() => {
    isWorking = false
    useTry.setState({ isAsking: false })
  })
}

async function workThrough(): Promise<void> {
  for (;;) {
    const { runId, hasModel, failure } = useTry.getState()
    const chunk = nextChunk()
    if (runId === null || !hasModel || failure !== null || chunk === null) return
    useTry.setState({ isAsking: true })
    await askAbout(runId, chunk.pictures, chunk.isSettled)
  }
}

async function askAbout(runId: string, pictures: readonly TriedPicture[], isSettled: boolean): Promise<void> {
  const { generation } = useTry.getState()
  const own = { controller: new AbortController(), isSettled }
  asking = own
  const { signal } = own.controller
  const startedMs = Date.now()
  const questions = pictures.flatMap(({ id, source }) => (source === null ? [] : [{ id, source }]))
  try {
    const answers = await client().answers.ask({ runId, isSettled, pictures: questions }, { signal })
    if (!signal.aborted && useTry.getState().runId === runId) takeIn(answers, generation)
  } catch (error) {
    if (signal.aborted) return
    // The next call waits until the connection is back.
    if (error instanceof ConnectionLost) return
    useTry.setState({ failure: failureOf(error) })
  } finally {
    if (asking === own) asking = null
    if (isSettled) restUntilMs = Date.now() + REST * (Date.now() - startedMs)
  }
}

function takeIn({ model, answers }: Answers, generation: number): void {
  const isSettled = model.calibration.kind !== 'pending' && model.noneOfThese.kind !== 'pending'
  const byId = new Map(answers.map((answer) => [answer.id, answer]))
  useTry.setState((state) => {
    const isBetter = state.model !== null && state.model.epoch !== model.epoch
    let changed = 0
    const pictures = state.pictures.map((picture) => {
      const told = byId.get(picture.id)
      if (told === undefined) return picture
      const before = beforeOf(picture, told.answer, model.epoch)
      if (before !== null && before !== picture.before) changed++
      return { ...picture, answer: told.answer, epoch: model.epoch, before, failure: told.failure, generation, isSettled }
    })
    // A model that was not told of has answered: what the others say is of the one before.
    const newest = isBetter && generation === state.generation ? generation + 1 : state.generation
    const own = newest === state.generation ? pictures : pictures.map((picture) => (byId.has(picture.id) ? { ...picture, generation: newest } : picture))
    return { pictures: own, model, generation: newest, said: isBetter ? betterWords(model.epoch, changed) : state.said }
  })
}

const betterWords = (epoch: number, changed: number) => `${t`Epoch ${epoch} answers now.`} ${plural(changed, { 0: 'No answer changed.', one: '# answer changed.', other: '# answers changed.' })}`

/** What an earlier epoch said, where it was something else. An answer that is only completed is not a changed one. */
export function beforeOf(picture: Pick<TriedPicture, 'answer' | 'epoch' | 'before'>, answer: PictureAnswer | null, epoch: number): TriedPicture['before'] {
  if (picture.answer === null || picture.epoch === null || answer === null) return null
  const told = picture.epoch === epoch ? picture.before : { answer: picture.answer, epoch: picture.epoch }
  if (told === null) return null
  const isSame = told.answer.verdict === answer.verdict && (answer.verdict === 'none' || told.answer.top === answer.top)
  return isSame ? null : told
}
