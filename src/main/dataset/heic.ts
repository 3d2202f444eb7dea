/**
 * HEIC pictures (HEVC in a HEIF file), which sharp's own libheif has no decoder for: libheif-js, libheif as WebAssembly, on threads
 * of their own. Turned, mirrored and cropped as the file says, 10 bits taken down to 8, alpha dropped. That build leaves out HEVC's
 * smoothing of block edges, to be fast: pixels differ from other programs' by a few levels along these.
 */
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import type { DecodedPicture } from './decode'
import workerText from './heic-worker.cjs?raw'
import { MAXIMUM_PIXELS } from './picture-limits'
import { PictureRefused } from './picture-refused'

/** Phones' pictures take a second, the largest that are allowed some ten. */
const LIMIT_MS = 120_000
/** The library keeps the memory of its largest picture for as long as its thread lives. */
const IDLE_MS = 5000
const MAXIMUM_THREADS = Math.min(4, availableParallelism())

const pictureSchema = z.object({ width: z.int(), height: z.int(), pixels: z.instanceof(Uint8Array) })
const failureSchema = z.object({ code: z.int(), message: z.string() })
const answerSchema = z.union([pictureSchema, failureSchema])

/** libheif.h: heif_error_Unsupported_filetype and heif_error_Unsupported_feature. */
const UNSUPPORTED_CODES = [3, 4]

/** What libheif says of a damaged file; `decodePicture` finds words for it. */
export class HeicDamaged extends Error {}

/** In a package the thread reads plain files, which lie beside the archive. */
function libraryPath(): string {
  return createRequire(import.meta.url).resolve('libheif-js/libheif-wasm/libheif.js').replace(/\bapp\.asar(?=[\\/])/, 'app.asar.unpacked')
}

interface Pending {
  resolve: (picture: DecodedPicture) => void
  reject: (error: Error) => void
  limit: NodeJS.Timeout
}

/** Decodes one picture at a time; ends by itself when none has come for a while. */
class DecoderThread {
  hasEnded = false
  private readonly worker = new Worker(workerText, { eval: true, workerData: { library: libraryPath(), maximumSide: Math.floor(Math.sqrt(MAXIMUM_PIXELS)) } })
  private isReady = false
  private pending: Pending | null = null
  private idleTimer: NodeJS.Timeout | undefined

  constructor() {
    this.worker.on('message', (message: unknown) => {
      if (message === 'ready') this.isReady = true
      else this.answer(message)
    })
    this.worker.on('error', (error) => this.end(this.isReady ? new HeicDamaged('The decoder gave up on it.', { cause: error }) : notStarted(error)))
    this.worker.on('exit', () => this.end(new HeicDamaged('The decoder ended.')))
    this.worker.unref()
  }

  /** After a rejection the thread may have ended. */
  decode(bytes: Uint8Array): Promise<DecodedPicture> {
    clearTimeout(this.idleTimer)
    this.worker.ref()
    return new Promise<DecodedPicture>((resolve, reject) => {
      const limit = setTimeout(() => this.end(new HeicDamaged(`It took longer than ${LIMIT_MS / 1000} seconds.`)), LIMIT_MS)
      this.pending = { resolve, reject, limit }
      this.worker.postMessage(bytes)
    })
  }

  end(reason: Error): void {
    if (this.hasEnded) return
    this.hasEnded = true
    void this.worker.terminate()
    this.settle()?.reject(reason)
  }

  private answer(message: unknown): void {
    const answer = answerSchema.parse(message)
    const pending = this.settle()
    if ('pixels' in answer) pending?.resolve(answer)
    else pending?.reject(refusal(answer))
  }

  private settle(): Pending | null {
    const pending = this.pending
    this.pending = null
    if (pending !== null) clearTimeout(pending.limit)
    this.worker.unref()
    this.idleTimer = setTimeout(() => this.end(new HeicDamaged('The decoder ended.')), IDLE_MS)
    this.idleTimer.unref()
    return pending
  }
}

function refusal({ code, message }: z.infer<typeof failureSchema>): Error {
  if (!UNSUPPORTED_CODES.includes(code)) return new HeicDamaged(message)
  return new PictureRefused('unsupported-format', 'A HEIC picture of a kind that cannot be read.', 'Convert it to JPEG.', { detail: message })
}

function notStarted(cause: Error): PictureRefused {
  const options = { cause, detail: cause.message }
  return new PictureRefused('unreadable', 'What reads HEIC pictures could not be started.', 'Install the program again, or convert the picture to JPEG.', options)
}

const idle: DecoderThread[] = []
const waiting: (() => void)[] = []
let running = 0

function takeThread(): DecoderThread {
  for (let thread = idle.pop(); thread !== undefined; thread = idle.pop()) if (!thread.hasEnded) return thread
  return new DecoderThread()
}

/**
 * Decodes the primary picture of a HEIF file. The caller has held its size to the limits; what is coded in it is held to them here.
 *
 * @throws HeicDamaged; PictureRefused for a kind that the library does not know
 */
export async function decodeHeic(bytes: Uint8Array): Promise<DecodedPicture> {
  if (running >= MAXIMUM_THREADS) await new Promise<void>((resolve) => waiting.push(resolve))
  else running++
  const thread = takeThread()
  try {
    return await thread.decode(bytes)
  } finally {
    if (!thread.hasEnded) idle.push(thread)
    // The place goes from one picture to the next.
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
}
