/**
 * `answer`: a process that stays and answers about pictures until it is told to end, or its parent is gone. It gives way to all
 * others and loads no TensorFlow where there is ONNX Runtime.
 */
import { constants, setPriority } from 'node:os'
import { toFailure } from '../../../shared/domain/error'
import type { AnsweredMessage, AskMessage, LeaveMessage } from '../answer-messages'
import { Answerer } from '../answerer'

/** @returns never: it is the parent that ends it */
export function runAnswerJob(): Promise<never> {
  try {
    // Threads take their maker's, so this comes before ONNX Runtime and sharp start theirs.
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // Where the system does not let it, it answers at the priority that it has.
  }
  const answerer = new Answerer()
  const send = (message: AnsweredMessage): void => void process.send?.(message, () => undefined)
  const asking = new Map<number, AbortController>()
  process.on('message', (message: AskMessage | LeaveMessage | { readonly type: 'job' }) => {
    if (message.type === 'leave') asking.get(message.number)?.abort()
    if (message.type !== 'ask') return
    const { number, question } = message
    const control = new AbortController()
    asking.set(number, control)
    const answer = answerer.answer(question, control.signal).finally(() => asking.delete(number))
    answer.then(
      (answers) => send({ type: 'answered', number, answers }),
      (error: unknown) => send({ type: 'unanswered', number, failure: toFailure(error) }),
    )
  })
  return new Promise(() => undefined)
}
