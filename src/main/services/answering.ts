/**
 * Answers about pictures that somebody tries, by a run's best model so far, while it trains and afterwards.
 *
 * A small process is kept for it, so that a question costs milliseconds; it gives way to the training, is ended when nobody has asked for a
 * while, and started again by the next question. It only reads what a run has written.
 */
import { readFile, stat } from 'node:fs/promises'
import { type Answers, MAXIMUM_TRIED_BYTES, type Question, type TriedAnswer, type TriedSource } from '../../shared/domain/answer'
import { Cancelled, GraftError, toFailure } from '../../shared/domain/error'
import type { AskedPicture } from '../trainer/answer-messages'
import { AnsweringProcess } from './answering-process'
import type { FilesService } from './files'
import type { RunBook } from './run-book'

/** Without a question for so long, the process ends and gives its memory back. */
const IDLE_MS = 3 * 60_000

export class AnsweringService {
  private process: AnsweringProcess | null = null
  private idle: NodeJS.Timeout | undefined
  private asking = 0
  private isClosed = false

  constructor(
    private readonly runs: Pick<RunBook, 'folder'>,
    private readonly files: Pick<FilesService, 'confine'>,
    private readonly options: { trainerPath?: string | undefined; idleMs?: number | undefined } = {},
  ) {}

  /** Pictures that cannot be read are answered with why. @throws GraftError NOT_FOUND where the run has no epoch yet, CRASHED; Cancelled */
  async ask({ runId, isSettled, heatmap, pictures }: Question, signal?: AbortSignal): Promise<Answers> {
    const folder = await this.runs.folder(runId)
    const asked: AskedPicture[] = []
    const refused = new Map<string, TriedAnswer>()
    for (const { id, source } of pictures) {
      try {
        asked.push({ id, source: await this.readable(source) })
      } catch (error) {
        refused.set(id, { id, answer: null, failure: toFailure(error) })
      }
    }
    const told = await this.inProcess((process) => process.ask({ runDirectory: folder.directory, isSettled, heatmap, pictures: asked }, signal))
    const byId = new Map([...refused, ...told.answers.map((answer) => [answer.id, answer] as const)])
    return { ...told, answers: pictures.map(({ id }) => byId.get(id)).filter((answer) => answer !== undefined) }
  }

  /** Of the process that answers; undefined while there is none. */
  pid(): number | undefined {
    return this.process?.pid()
  }

  /** Ends the process, and with it what is being asked. */
  close(): void {
    this.isClosed = true
    this.end()
  }

  private async inProcess<T>(work: (process: AnsweringProcess) => Promise<T>): Promise<T> {
    if (this.isClosed) throw new Cancelled()
    clearTimeout(this.idle)
    this.asking++
    try {
      if (this.process === null || this.process.hasEnded) this.process = new AnsweringProcess(this.options.trainerPath)
      return await work(this.process)
    } finally {
      if (--this.asking === 0) this.idle = setTimeout(() => this.end(), this.options.idleMs ?? IDLE_MS).unref()
    }
  }

  private end(): void {
    clearTimeout(this.idle)
    this.process?.end()
    this.process = null
  }

  /** @throws GraftError REFUSED, NOT_FOUND, UNREADABLE */
  private async readable(source: TriedSource): Promise<AskedPicture['source']> {
    if (source.kind === 'bytes') return { bytes: Buffer.from(source.base64, 'base64') }
    const path = await this.files.confine(source.path)
    const found = await stat(path)
    // A pipe would be waited for until somebody writes to it.
    if (!found.isFile()) throw new GraftError('UNREADABLE', `${path} is not a file; a picture was expected.`, { action: 'Choose a picture file.' })
    const { size } = found
    if (size > MAXIMUM_TRIED_BYTES) throw tooLarge(size)
    // Read here, so that what was checked is what is decoded.
    return { bytes: await readFile(path) }
  }
}

function tooLarge(sizeBytes: number): GraftError {
  return new GraftError('UNREADABLE', `The file has ${Math.round(sizeBytes / 1024 ** 2)} MB; a picture to try may have ${MAXIMUM_TRIED_BYTES / 1024 ** 2} MB.`, { action: 'Save a smaller version of it.' })
}
