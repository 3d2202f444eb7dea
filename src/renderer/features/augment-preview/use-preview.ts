/** The views of the chosen picture as the draft would show them, asked for again with every change; the newest question alone counts. */
import { useEffect, useRef, useState } from 'react'
import type { Failure } from '../../../shared/domain/error'
import type { PresetName } from '../../../shared/domain/presets'
import type { Preview } from '../../../shared/domain/preview'
import type { DraftChanges } from '../../state/draft'
import { client } from '../../state/host'
import { failureOf } from '../../transport/streams'

export interface PreviewQuestion {
  readonly datasetId: string
  readonly path: string
  readonly preset: PresetName
  readonly config: DraftChanges
}

export interface PreviewState {
  /** The last answer, until there is a newer one: nothing flickers while a slider moves. */
  readonly preview: Preview | null
  readonly failure: Failure | null
  readonly isBusy: boolean
}

/** A question that is nearly answered is waited for, so that the pictures follow a slider; an older one is left. */
const PATIENCE_MS = 250

/** Asks one question at a time. */
class Asker {
  private asked: { key: string; path: string; sinceMs: number; control: AbortController } | null = null
  private waiting: { key: string; question: PreviewQuestion } | null = null
  private latestKey = ''
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly tell: (state: Partial<PreviewState>) => void) {}

  ask(key: string, question: PreviewQuestion): void {
    if (this.latestKey === key) return
    this.latestKey = key
    this.waiting = { key, question }
    clearTimeout(this.timer)
    if (this.asked === null) return this.begin()
    const left = question.path === this.asked.path ? PATIENCE_MS - (performance.now() - this.asked.sinceMs) : 0
    this.timer = setTimeout(() => this.begin(), Math.max(0, left))
  }

  close(): void {
    clearTimeout(this.timer)
    this.asked?.control.abort()
    this.waiting = null
    this.latestKey = ''
  }

  private begin(): void {
    clearTimeout(this.timer)
    const next = this.waiting
    if (next === null) return
    this.waiting = null
    this.asked?.control.abort()
    const asked = { key: next.key, path: next.question.path, sinceMs: performance.now(), control: new AbortController() }
    this.asked = asked
    this.tell({ isBusy: true })
    const end = (state: Partial<PreviewState>): void => {
      // Left for a newer one.
      if (this.asked !== asked) return
      this.asked = null
      this.tell({ ...state, isBusy: this.waiting !== null })
      this.begin()
    }
    client()
      .previews.views(next.question, { signal: asked.control.signal })
      .then(
        (preview) => end({ preview, failure: null }),
        (error: unknown) => end(asked.control.signal.aborted ? {} : { failure: failureOf(error) }),
      )
  }
}

export function usePreview(question: PreviewQuestion | null): PreviewState {
  const [state, setState] = useState<PreviewState>({ preview: null, failure: null, isBusy: false })
  const asker = useRef<Asker | null>(null)
  useEffect(() => {
    const made = new Asker((part) => setState((before) => ({ ...before, ...part })))
    asker.current = made
    return () => made.close()
  }, [])
  const key = JSON.stringify(question)
  useEffect(() => {
    if (question !== null) asker.current?.ask(key, question)
    // The key stands for the question.
  }, [key])
  return state
}
