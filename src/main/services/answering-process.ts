/** The process that answers, from its parent's side: questions go in by number, and come back answered or with why not. */
import type { ChildProcess } from 'node:child_process'
import type { Answers } from '../../shared/domain/answer'
import { Cancelled, GraftError } from '../../shared/domain/error'
import type { AnsweredMessage, AskedQuestion, AskMessage, LeaveMessage } from '../trainer/answer-messages'
import { findTrainerSync, forkTrainer, trainerEnvironment } from '../trainer/host'
import type { ToTrainer } from '../trainer/messages'

const TAIL_CHARACTERS = 8 * 1024

interface Waiting {
  resolve(answers: Answers): void
  reject(error: unknown): void
}

export class AnsweringProcess {
  private readonly child: ChildProcess
  private readonly waiting = new Map<number, Waiting>()
  private lastNumber = 0
  private said = ''
  private isEnding = false
  hasEnded = false

  constructor(trainerPath = findTrainerSync()) {
    // One thread for what it decodes and computes: the training has the others.
    this.child = forkTrainer(trainerPath, { ...trainerEnvironment(1, 1), CUDA_VISIBLE_DEVICES: '-1' }, 'ignore')
    this.child.stderr?.on('data', (data: Buffer) => {
      this.said = (this.said + data.toString()).slice(-TAIL_CHARACTERS)
    })
    this.child.on('message', (message: AnsweredMessage | { readonly type: 'failed' }) => this.hear(message))
    this.child.once('error', (error) => this.finish(error.message))
    this.child.once('close', (code, signal) => this.finish(signal ?? `exit code ${String(code)}`))
    this.child.send({ type: 'job', job: { kind: 'answer' } } satisfies ToTrainer, () => undefined)
    // Nobody waits for it when the program ends.
    this.child.unref()
    this.child.channel?.unref()
  }

  pid(): number | undefined {
    return this.child.pid
  }

  /** Aborting leaves the question, for which nothing more is begun then. @throws GraftError what the child could not; CRASHED; Cancelled */
  ask(question: AskedQuestion, signal?: AbortSignal): Promise<Answers> {
    if (signal?.aborted === true) return Promise.reject(new Cancelled())
    const number = ++this.lastNumber
    return new Promise<Answers>((resolve, reject) => {
      const leave = (): void => {
        this.waiting.delete(number)
        if (this.child.connected) this.child.send({ type: 'leave', number } satisfies LeaveMessage, () => undefined)
        reject(new Cancelled())
      }
      const settle = <T>(end: (value: T) => void) => (value: T): void => {
        signal?.removeEventListener('abort', leave)
        end(value)
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.waiting.set(number, { resolve: settle(resolve), reject: settle(reject) })
      // Held while somebody waits.
      this.child.channel?.ref()
      if (this.hasEnded || !this.child.connected) this.finish('it had ended')
      else this.child.send({ type: 'ask', number, question } satisfies AskMessage, () => undefined)
    }).finally(() => {
      if (this.waiting.size === 0) this.child.channel?.unref()
    })
  }

  end(): void {
    this.isEnding = true
    this.child.kill('SIGKILL')
    this.finish('it was ended')
  }

  private hear(message: AnsweredMessage | { readonly type: 'failed' }): void {
    if (message.type === 'failed') return
    const asker = this.waiting.get(message.number)
    this.waiting.delete(message.number)
    if (message.type === 'answered') asker?.resolve(message.answers)
    else asker?.reject(GraftError.fromFailure(message.failure))
  }

  private finish(how: string): void {
    this.hasEnded = true
    const { waiting } = this
    const error = this.isEnding
      ? new Cancelled()
      : new GraftError('CRASHED', `The process that answers about pictures ended (${how}).`, { action: 'Try again: it is started anew. The run is not touched by it.', ...(this.said === '' ? {} : { detail: this.said }) })
    for (const asker of waiting.values()) asker.reject(error)
    waiting.clear()
  }
}
