/** A model being brought in: asked for, sent where it must be, read, and a run at the end. */
import { t } from '@lingui/core/macro'
import { create } from 'zustand'
import type { Failure } from '../../shared/domain/error'
import { isModelFileName, type ImportReport, type ImportRequest } from '../../shared/domain/import'
import { failureOf, resultOf, type Progress } from '../transport/streams'
import { client, host } from './host'
import { refreshRuns, report } from './machine'
import { go } from './place'

/** Where the file lies: on Graft's machine, or in the browser's hands. */
export type ModelSource = { kind: 'path'; path: string; name: string } | { kind: 'dropped'; file: File; name: string }

/** The pictures that come along. */
export type ImportPictures = { kind: 'none' } | { kind: 'open'; datasetId: string } | { kind: 'folder'; path: string }

/** What the dialog asks for; texts as they were typed. */
export interface ImportForm {
  source: ModelSource | null
  name: string
  pictures: ImportPictures
  /** One name a line or separated by commas; empty: from the file, else from the pictures' folders. */
  labels: string
  imageSize: number | null
}

/** What was under way when it failed: the same code means something else for a path, an upload or a file's content. */
export type ImportStage = 'sending' | 'pictures' | 'reading'

export type ImportWork =
  | { kind: 'asking' }
  | { kind: 'busy'; stage: ImportStage; progress: Progress | null }
  | { kind: 'failed'; stage: ImportStage; failure: Failure }
  | { kind: 'done'; report: ImportReport; hasPictures: boolean }

interface Import {
  isOpen: boolean
  form: ImportForm
  work: ImportWork
}

const EMPTY_FORM: ImportForm = { source: null, name: '', pictures: { kind: 'none' }, labels: '', imageSize: null }

export const useImport = create<Import>(() => ({ isOpen: false, form: EMPTY_FORM, work: { kind: 'asking' } }))

let control: AbortController | null = null
/** What the browser has sent for this dialog; it is of no use once the model is in or the dialog closed. */
let sent: { file: File; uploadId: string; path: string } | null = null

const set = (work: ImportWork): void => useImport.setState({ work })

export function setForm(change: Partial<ImportForm>): void {
  useImport.setState(({ form }) => ({ form: { ...form, ...change } }))
}

export function lastPart(path: string): string {
  return path.split(/[/\\]/).filter((part) => part !== '').at(-1) ?? path
}

export function sourceAt(path: string): ModelSource {
  return { kind: 'path', path, name: lastPart(path) }
}

/** A name for the run: the file's, without what only says how it was saved. */
export function nameOf(source: ModelSource): string {
  return isModelFileName(source.name) ? source.name.slice(0, source.name.lastIndexOf('.')) : source.name
}

/** Opens the dialog. One that is at work is not disturbed. */
export function openImport(form: Partial<ImportForm> = {}): void {
  if (useImport.getState().work.kind === 'busy') return
  forgetSent()
  useImport.setState({ isOpen: true, form: { ...EMPTY_FORM, ...form }, work: { kind: 'asking' } })
}

/** A file that was dropped on the window: the dialog opens with it, or takes it in place of its own. */
export function openImportWith(source: ModelSource): void {
  const { isOpen, work } = useImport.getState()
  if (work.kind === 'busy') return
  if (!isOpen || work.kind === 'done') return openImport({ source })
  setForm({ source })
  set({ kind: 'asking' })
}

/** Ends what is at work; nothing of it stays. */
export function closeImport(): void {
  control?.abort()
  control = null
  forgetSent()
  useImport.setState({ isOpen: false, work: { kind: 'asking' } })
}

/** Back to the questions, with what was filled in. */
export function askAgain(): void {
  control?.abort()
  control = null
  set({ kind: 'asking' })
}

function forgetSent(): void {
  if (sent !== null) void client().uploads.cancel({ uploadId: sent.uploadId }).catch(report)
  sent = null
}

/** Sends the file unless it is there from the try before; its path on Graft's machine. */
async function send(file: File, signal: AbortSignal): Promise<string> {
  if (sent?.file === file) return sent.path
  forgetSent()
  const { putFile } = host()
  if (putFile === null) throw new Error('A dropped file has a path here')
  const { uploadId } = await client().uploads.begin({ name: file.name, files: 1, sizeBytes: file.size, isPassing: true }, { signal })
  try {
    const tell = (sentBytes: number): void => {
      if (!signal.aborted) set({ kind: 'busy', stage: 'sending', progress: { message: t`Sending ${{ name: file.name }}`, done: Math.min(sentBytes, file.size), total: file.size } })
    }
    tell(0)
    await putFile(uploadId, file.name, file, { signal, onSent: tell })
    const { path } = await client().uploads.finish({ uploadId })
    sent = { file, uploadId, path: `${path}/${file.name}` }
    return sent.path
  } catch (error) {
    void client().uploads.cancel({ uploadId }).catch(report)
    throw error
  }
}

/** The names in the order of the outputs; null where none were typed. */
export function labelsOf(text: string): string[] | null {
  const labels = text
    .split(/[,\n]/)
    .map((label) => label.trim())
    .filter((label) => label !== '')
  return labels.length === 0 ? null : labels
}

/** Brings the model in and opens the run it becomes. How it went stays in `useImport`. */
export async function startImport(): Promise<void> {
  const { form } = useImport.getState()
  const { source, pictures } = form
  if (source === null) return
  control?.abort()
  control = new AbortController()
  const { signal } = control
  let stage: ImportStage = source.kind === 'dropped' ? 'sending' : 'reading'
  const begin = (next: ImportStage): ((progress: Progress) => void) => {
    stage = next
    set({ kind: 'busy', stage, progress: null })
    return (progress) => !signal.aborted && set({ kind: 'busy', stage: next, progress })
  }
  begin(stage)
  try {
    const path = source.kind === 'path' ? source.path : await send(source.file, signal)
    let datasetId = pictures.kind === 'open' ? pictures.datasetId : null
    if (pictures.kind === 'folder') {
      const onProgress = begin('pictures')
      datasetId = (await resultOf((options) => client().datasets.open({ path: pictures.path }, options), { signal, onProgress })).datasetId
    }
    const request: ImportRequest = { path, datasetId, name: form.name.trim() || nameOf(source).slice(0, 200), backbone: null, labels: labelsOf(form.labels), imageSize: form.imageSize }
    const written = await resultOf((options) => client().imports.start(request, options), { signal, onProgress: begin('reading') })
    if (signal.aborted) return
    forgetSent()
    await refreshRuns().catch(report)
    set({ kind: 'done', report: written, hasPictures: datasetId !== null })
    go(datasetId === null ? 'train' : 'results', { runId: written.runId })
  } catch (error) {
    if (signal.aborted) return
    const failure = failureOf(error)
    set(failure === null ? { kind: 'asking' } : { kind: 'failed', stage, failure })
  }
}
