/** Fetching published weights from the command line: asked for by an option, or after a question on a terminal. */
import { GraftError } from '../../shared/domain/error'
import type { WeightsFile } from '../../shared/domain/model'
import type { RunConfig } from '../../shared/domain/run-config'
import type { Studio } from '../services/studio'
import { formatBytes, formatSeconds, printable } from './format'
import { finishStream } from './stream'
import { type Terminal, writeLine } from './terminal'

const hostOf = (url: string): string => new URL(url).host

/** Fetches, with a line of progress. What is there already and whole is not fetched again. */
export async function fetchWeights(terminal: Terminal, studio: Studio, wanted: { backbone: string; name: string | null }, options: { quiet: boolean }): Promise<WeightsFile> {
  const describe = transferWords()
  return finishStream(terminal, { ...options, describe }, async (signal) => studio.weights.fetch(wanted, signal))
}

/**
 * Sees to it that the weights a run starts from are here: fetches them where that was asked for, asks on a terminal, else refuses.
 * @throws GraftError NOT_FOUND with what to do; what fetching throws
 */
export async function provideWeights(
  terminal: Terminal,
  studio: Studio,
  config: Pick<RunConfig, 'backbone' | 'weights'>,
  options: { fetches: boolean; quiet: boolean },
): Promise<void> {
  // What there is not, and files of one's own, are the run's to refuse.
  const isKnown = (await studio.models.list()).backbones.some(({ name }) => name === config.backbone)
  const file = isKnown ? await studio.weights.find(config.backbone, config.weights) : null
  if (file === null || file.isPresent || file.url === null) return
  const size = formatBytes(file.sizeBytes - file.partBytes)
  const offer = `${size} from ${hostOf(file.url)}`
  const isMeant = options.fetches || (!options.quiet && (await agrees(terminal, `${file.title} starts from ${file.fileName}, which is not on this machine.\nFetch ${offer} (licence ${file.licence}) to ${file.path}?`)))
  if (!isMeant) {
    throw new GraftError('NOT_FOUND', `The ImageNet weights of ${file.title} (${file.fileName}) are not on this machine.`, {
      action: `Run it again with --fetch-weights, which fetches ${offer}; or put the file at ${file.path}; or train from a random start with --weights none.`,
    })
  }
  if (!options.quiet) writeLine(terminal.stderr, `Fetching ${file.fileName}: ${offer}`)
  await fetchWeights(terminal, studio, { backbone: file.backbone, name: file.name }, options)
  if (!options.quiet) writeLine(terminal.stderr, `Kept at ${printable(file.path)}`)
}

async function agrees(terminal: Terminal, question: string): Promise<boolean> {
  if (terminal.ask === undefined) return false
  return /^y(es)?$/i.test((await terminal.ask(`${printable(question).replaceAll('\\u000a', '\n')} [y/N] `)).trim())
}

/** "Fetching: 12.3 MB of 102.5 MB, 5.2 MB/s, 17.3 s left"; the speed since the first byte of this transfer. */
function transferWords(): (message: string, doneBytes: number, totalBytes: number) => string {
  let start: { bytes: number; atMs: number } | null = null
  return (message, doneBytes, totalBytes) => {
    const nowMs = performance.now()
    start ??= { bytes: doneBytes, atMs: nowMs }
    const seconds = (nowMs - start.atMs) / 1000
    const bytesPerSecond = (doneBytes - start.bytes) / seconds
    const words = `${message}: ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`
    if (seconds < 1 || bytesPerSecond <= 0 || doneBytes >= totalBytes) return words
    return `${words}, ${formatBytes(bytesPerSecond)}/s, ${formatSeconds((totalBytes - doneBytes) / bytesPerSecond)} left`
  }
}
