/**
 * Fetches a published file so that it is there whole and checked, or not at all.
 *
 * What comes goes into NAME.part beside its place; a broken transfer is taken up where it stopped, in this process or a later
 * one. The file gets its name only after the hash of all its bytes, read back from the disk, is the published one.
 */
import { mkdir, open, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { request, type Dispatcher } from 'undici'
import { z } from 'zod'
import { Cancelled, GraftError } from '../../shared/domain/error'
import { isThere, sha256OfFile, syncFolder, writeFully } from '../storage/atomic-write'
import { readJsonFileIfThere } from '../storage/json-file'
import { acquireMachineLock } from '../storage/machine-lock'
import { toStorageError } from '../storage/storage-error'
import { BrokenTransferError, HttpStatusError, isPassingProblem, type Peer, shownHost, toNetworkError } from './network-errors'
import { dispatcherFor, type Environment } from './proxy'
import { freeBytes } from './storage-usage'

export interface PublishedFile {
  url: URL
  /** Where the whole and checked file is to be. */
  path: string
  /** In hexadecimal digits; as many as the publisher gives. */
  sha256Prefix: string
  /** As published; what comes may differ by a little. */
  sizeBytes: number
  /** How to have the file by other means, as one sentence for messages. */
  byHand: string
}

export interface DownloadProgress {
  phase: 'waiting' | 'fetching' | 'retrying' | 'checking'
  doneBytes: number
  totalBytes: number
}

export interface DownloadOptions {
  signal: AbortSignal
  onProgress: (progress: DownloadProgress) => void
  environment: Environment
  timing?: Partial<typeof DOWNLOAD_TIMING> | undefined
}

export const DOWNLOAD_TIMING = {
  /** So long without a byte is a broken transfer. */
  stallMs: 30_000,
  /** Broken transfers in a row after which it is given up. */
  attempts: 5,
  /** Doubled after each of them. */
  backOffMs: 1000,
}

const REDIRECTS = 5
const REDIRECT_STATUSES = [301, 302, 303, 307, 308]
/** A transfer that brought so much was not in vain: the count of broken ones begins anew. */
const GAIN_BYTES = 32 * 1024
/** Sizes are published in rounded figures. */
const SIZE_TOLERANCE = 0.05
/** How often one who waits for another's download looks how far it is. */
const WATCH_MS = 250
const SPARE_DISK_BYTES = 8 * 1024 * 1024
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** What the server calls the version of the file that the part is of. */
const versionSchema = z.object({ url: z.string(), validator: z.string().nullable(), totalBytes: z.int().nullable() })
type Version = z.infer<typeof versionSchema>

export function partPath(path: string): string {
  return `${path}.part`
}

const versionPath = (path: string): string => `${partPath(path)}.json`

/** True for addresses that are fetched from: https, and http on this machine. */
export function isFetchable(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname))
}

/**
 * Fetches the file, or what is missing of it. Two that want the same file fetch it once, also from two processes.
 * A cancelled or failed download keeps its part for the next.
 * @throws Cancelled; GraftError NETWORK, MISMATCH (hash or size), STORAGE, REFUSED (an address that is not secure)
 */
export async function download(file: PublishedFile, options: DownloadOptions): Promise<{ receivedBytes: number }> {
  const folder = dirname(file.path)
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw toStorageError(error, folder, file.sizeBytes)
  }
  let watch: NodeJS.Timeout | undefined
  const release = await acquireMachineLock(`fetching ${basename(file.path)}`, {
    path: `${file.path}.lock`,
    signal: options.signal,
    onWait() {
      watch ??= setInterval(() => {
        stat(partPath(file.path)).then(
          ({ size }) => options.onProgress({ phase: 'waiting', doneBytes: size, totalBytes: Math.max(size, file.sizeBytes) }),
          () => undefined, // it is whole by now, or not begun
        )
      }, WATCH_MS)
    },
  }).finally(() => clearInterval(watch))
  try {
    // The one that was waited for has fetched it.
    if ((await isThere(file.path)) && (await isPublished(file.path, file))) return { receivedBytes: 0 }
    return await new Transfer(file, options).run()
  } finally {
    await release()
  }
}

async function isPublished(path: string, { sha256Prefix }: Pick<PublishedFile, 'sha256Prefix'>): Promise<boolean> {
  return (await sha256OfFile(path)).startsWith(sha256Prefix)
}

/** One download while it holds the file's lock. */
class Transfer {
  private readonly timing: typeof DOWNLOAD_TIMING
  private readonly partPath: string
  private sizeBytes = 0
  private totalBytes: number
  /** As the server has said; null until then, and where it does not. */
  private exactBytes: number | null = null
  private receivedBytes = 0
  /** The part holds bytes of more than one answer. */
  private isPieced = false

  constructor(
    private readonly file: PublishedFile,
    private readonly options: DownloadOptions,
  ) {
    this.timing = { ...DOWNLOAD_TIMING, ...options.timing }
    this.partPath = partPath(file.path)
    this.totalBytes = file.sizeBytes
  }

  async run(): Promise<{ receivedBytes: number }> {
    const { dispatcher, proxy } = dispatcherFor(this.file.url.protocol, this.options.environment)
    const peer: Peer = { url: this.file.url, proxy, byHand: this.file.byHand }
    const part = await this.openPart()
    try {
      this.sizeBytes = (await part.stat()).size
      // Perhaps only the check was missing.
      const isWhole = this.sizeBytes > 0 && this.isNearly(this.sizeBytes) && (await this.isPartPublished(part))
      if (!isWhole) await this.fetchAndCheck(part, dispatcher, peer)
    } finally {
      await part.close()
      await dispatcher.destroy()
      if (this.sizeBytes === 0) await this.removePart()
    }
    try {
      await rename(this.partPath, this.file.path)
      await syncFolder(dirname(this.file.path))
      await rm(versionPath(this.file.path), { force: true })
    } catch (error) {
      this.failWriting(error)
    }
    return { receivedBytes: this.receivedBytes }
  }

  /** Of which nothing has come, or nothing is kept. */
  private async removePart(): Promise<void> {
    await rm(this.partPath, { force: true })
    await rm(versionPath(this.file.path), { force: true })
  }

  private async openPart(): Promise<FileHandle> {
    try {
      return await open(this.partPath, (await isThere(this.partPath)) ? 'r+' : 'wx+')
    } catch (error) {
      return this.failWriting(error)
    }
  }

  private async fetchAndCheck(part: FileHandle, dispatcher: Dispatcher, peer: Peer): Promise<void> {
    await this.requireRoom()
    for (let start = 0; ; start++) {
      await this.fetchAll(part, dispatcher, peer)
      if (await this.isPartPublished(part)) return
      // Pieces of two versions make neither: once more from the start.
      const wasPieced = this.isPieced
      const cameBytes = this.sizeBytes
      await this.truncate(part)
      if (!wasPieced || start > 0) {
        throw new GraftError(
          'MISMATCH',
          `What ${shownHost(peer.url)} sent is not the published file: ${cameBytes} bytes came, and their sha256 does not begin with ${this.file.sha256Prefix.slice(0, 8)}. Nothing of it is kept.`,
          { action: `Try again; if it comes wrong once more, something on the way changes files (a proxy, a virus scanner, a mirror). ${peer.byHand}` },
        )
      }
    }
  }

  /** Until all bytes are in the part, over as many answers as it takes. */
  private async fetchAll(part: FileHandle, dispatcher: Dispatcher, peer: Peer): Promise<void> {
    let failures = 0
    let furthestBytes = this.sizeBytes
    for (;;) {
      try {
        return await this.receive(part, dispatcher)
      } catch (error) {
        if (this.options.signal.aborted) throw new Cancelled()
        // A server that always begins anew and always breaks off gets nobody any further.
        failures = this.sizeBytes - furthestBytes >= GAIN_BYTES ? 1 : failures + 1
        furthestBytes = Math.max(furthestBytes, this.sizeBytes)
        if (!isPassingProblem(error) || failures >= this.timing.attempts) throw toNetworkError(error, peer)
      }
      this.tell('retrying')
      await sleep(this.timing.backOffMs * 2 ** (failures - 1), undefined, { signal: this.options.signal })
    }
  }

  /** Asks for what is missing and writes it behind what is there. */
  private async receive(part: FileHandle, dispatcher: Dispatcher): Promise<void> {
    const validator = (await this.knownVersion())?.validator ?? null
    const startBytes = this.sizeBytes
    const headers: Record<string, string> = { 'accept-encoding': 'identity', 'user-agent': 'graft' }
    if (startBytes > 0) headers['range'] = `bytes=${startBytes}-`
    if (startBytes > 0 && validator !== null) headers['if-range'] = validator
    const answer = await this.ask(dispatcher, headers)
    try {
      await this.prepare(part, answer, startBytes)
      this.tell('fetching')
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        await this.append(part, chunk)
        this.tell('fetching')
      }
    } finally {
      // What is left of a body that is not read to its end goes with its connection.
      answer.body.on('error', () => undefined).destroy()
    }
    const isWhole = this.exactBytes === null ? this.isNearly(this.sizeBytes) : this.sizeBytes >= this.exactBytes
    if (!isWhole) throw new BrokenTransferError('The body ended early')
  }

  /** The answer after all redirects. */
  private async ask(dispatcher: Dispatcher, headers: Record<string, string>): Promise<Dispatcher.ResponseData> {
    const { signal } = this.options
    const { stallMs } = this.timing
    let url = this.file.url
    for (let hop = 0; hop <= REDIRECTS; hop++) {
      const isDowngrade = this.file.url.protocol === 'https:' && url.protocol !== 'https:'
      if (isDowngrade || !isFetchable(url)) {
        throw new GraftError('REFUSED', `${shownHost(this.file.url)} sends on to ${shownHost(url)} by ${url.protocol.slice(0, -1)}, which is not secure.`, { action: this.file.byHand })
      }
      const answer = await request(url, { dispatcher, headers, signal, headersTimeout: stallMs, bodyTimeout: stallMs })
      const to = answer.headers['location']
      if (!REDIRECT_STATUSES.includes(answer.statusCode) || typeof to !== 'string') return answer
      answer.body.on('error', () => undefined).destroy()
      if (!URL.canParse(to, url.href)) throw new HttpStatusError(answer.statusCode)
      url = new URL(to, url)
    }
    throw new GraftError('NETWORK', `${shownHost(this.file.url)} sends on from one address to the next, more than ${REDIRECTS} times (HTTP, redirects).`, {
      action: `Check GRAFT_WEIGHTS_URL where it is set. ${this.file.byHand}`,
    })
  }

  /** Brings the part to where the answer's body begins. */
  private async prepare(part: FileHandle, { statusCode, headers }: Dispatcher.ResponseData, startBytes: number): Promise<void> {
    if (statusCode === 206 || statusCode === 416) {
      const range = parseContentRange(headers['content-range'])
      if (statusCode === 206 && range !== null && range.startBytes === startBytes && startBytes > 0) {
        this.expect(range.totalBytes)
        this.isPieced = true
        return
      }
      if (startBytes === 0) throw new HttpStatusError(statusCode)
      // The part does not fit what the server has now: the next request is for all of it.
      await this.truncate(part)
      throw new BrokenTransferError(`Range from ${startBytes} was answered with ${statusCode}`)
    }
    if (statusCode !== 200) throw new HttpStatusError(statusCode)
    if (String(headers['content-type'] ?? '').startsWith('text/html')) {
      throw new GraftError('NETWORK', `${shownHost(this.file.url)} sent a web page instead of the file (HTTP, 200): perhaps the page at which a network asks one to log in.`, {
        action: `Open any page in a browser, then try again. ${this.file.byHand}`,
      })
    }
    const length = Number(headers['content-length'] ?? Number.NaN)
    const totalBytes = Number.isSafeInteger(length) ? length : null
    this.expect(totalBytes)
    await this.truncate(part)
    this.isPieced = false
    await this.keepVersion({ url: this.file.url.href, validator: strongValidator(headers), totalBytes })
  }

  private async append(part: FileHandle, chunk: Buffer): Promise<void> {
    if (this.sizeBytes + chunk.length > this.file.sizeBytes * (1 + SIZE_TOLERANCE)) {
      await this.truncate(part)
      throw this.wrongSize('more')
    }
    try {
      await writeFully(part, chunk, this.sizeBytes)
    } catch (error) {
      this.failWriting(error)
    }
    this.sizeBytes += chunk.length
    this.receivedBytes += chunk.length
  }

  private async truncate(part: FileHandle): Promise<void> {
    await part.truncate(0).catch((error: unknown) => this.failWriting(error))
    this.sizeBytes = 0
  }

  /** Flushed before it is read back: what is checked is what stays. */
  private async isPartPublished(part: FileHandle): Promise<boolean> {
    this.tell('checking')
    await part.sync().catch((error: unknown) => this.failWriting(error))
    return isPublished(this.partPath, this.file)
  }

  private isNearly(bytes: number): boolean {
    return Math.abs(bytes - this.file.sizeBytes) <= this.file.sizeBytes * SIZE_TOLERANCE
  }

  /** What the server says of the whole file's size. */
  private expect(bytes: number | null): void {
    if (bytes !== null && !this.isNearly(bytes)) throw this.wrongSize(String(bytes))
    this.exactBytes = bytes
    this.totalBytes = bytes ?? this.file.sizeBytes
  }

  private wrongSize(came: string): GraftError {
    const { url, sizeBytes, byHand } = this.file
    return new GraftError('MISMATCH', `${shownHost(url)} sends another file: about ${sizeBytes} bytes were expected, ${came} came.`, {
      action: `Check GRAFT_WEIGHTS_URL where it is set. ${byHand}`,
    })
  }

  private async requireRoom(): Promise<void> {
    const folder = dirname(this.file.path)
    const missing = this.file.sizeBytes - this.sizeBytes
    const free = await freeBytes(folder)
    if (free >= missing + SPARE_DISK_BYTES) return
    throw new GraftError('STORAGE', `${missing} bytes are still to come, but only ${free} are free in ${folder}. Nothing was fetched.`, {
      action: 'Free space on that disk, or choose another with GRAFT_CACHE_DIR, then try again.',
    })
  }

  /** Of the part that is there; null where it is not known, or another server's. */
  private async knownVersion(): Promise<Version | null> {
    // A damaged note is as good as none: the hash decides.
    const version = await readJsonFileIfThere(versionPath(this.file.path), versionSchema).catch(() => null)
    return version?.url === this.file.url.href ? version : null
  }

  private async keepVersion(version: Version): Promise<void> {
    // Not flushed: after a power cut a damaged note costs no more than a few bytes fetched again.
    await writeFile(versionPath(this.file.path), JSON.stringify(version)).catch((error: unknown) => this.failWriting(error))
  }

  private tell(phase: DownloadProgress['phase']): void {
    this.options.onProgress({ phase, doneBytes: this.sizeBytes, totalBytes: Math.max(this.totalBytes, this.sizeBytes) })
  }

  private failWriting(error: unknown): never {
    const failure = toStorageError(error, this.partPath, Math.max(0, this.totalBytes - this.sizeBytes))
    if (!(failure instanceof GraftError) || failure.code !== 'STORAGE') throw failure
    throw new GraftError('STORAGE', failure.message, { action: `${failure.action ?? ''} GRAFT_CACHE_DIR chooses another folder.`, cause: error })
  }
}

/** `bytes 100-199/200`; null where it is missing or not understood. */
function parseContentRange(text: string | string[] | undefined): { startBytes: number; totalBytes: number | null } | null {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(typeof text === 'string' ? text : '') ?? []
  if (start === undefined || total === undefined) return null
  return { startBytes: Number(start), totalBytes: total === '*' ? null : Number(total) }
}

/** What If-Range may name: a strong tag, else a date. */
function strongValidator(headers: Dispatcher.ResponseData['headers']): string | null {
  const { etag, 'last-modified': date } = headers
  if (typeof etag === 'string' && !etag.startsWith('W/')) return etag
  return typeof date === 'string' ? date : null
}
