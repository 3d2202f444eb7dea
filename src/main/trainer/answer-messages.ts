/** What the main process and the child that answers about pictures say to each other. */
import type { Answers } from '../../shared/domain/answer'
import type { Failure } from '../../shared/domain/error'

/** A picture as the child is asked about it. */
export interface AskedPicture {
  /** The asker's own name for it: its pixels are kept by that. */
  readonly id: string
  readonly source: { readonly path: string } | { readonly bytes: Uint8Array }
}

export interface AskedQuestion {
  readonly runDirectory: string
  readonly isSettled: boolean
  readonly heatmap: { readonly id: string; readonly classIndex: number } | null
  readonly pictures: readonly AskedPicture[]
}

/** From the parent. Jobs of other kinds take no notice of it. */
export interface AskMessage {
  readonly type: 'ask'
  readonly number: number
  readonly question: AskedQuestion
}

/** From the parent: nobody waits for that answer any more. */
export interface LeaveMessage {
  readonly type: 'leave'
  readonly number: number
}

export type AnsweredMessage = { readonly type: 'answered'; readonly number: number; readonly answers: Answers } | { readonly type: 'unanswered'; readonly number: number; readonly failure: Failure }
