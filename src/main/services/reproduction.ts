/** A run again from its own configuration and split, and whether it came out equal: history by number, weights by hash. */
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import type { EpochRecord } from '../../shared/domain/metrics'
import type { RunEnvironment } from '../../shared/domain/run'
import type { RunFolder } from '../storage/run-folder'
import { systemCode } from '../storage/storage-error'
import { newRunRecord } from './new-run'
import type { RunsService } from './runs'

export interface ReproductionReport {
  readonly isEqual: boolean
  /** Where the two differ, the first difference of each kind, in words. */
  readonly differences: readonly string[]
  /** What of the surroundings is another than it was. */
  readonly changedEnvironment: readonly string[]
}

/** Of an epoch, what depends on the clock and the machine's memory. */
const TIMED: ReadonlySet<string> = new Set(['seconds', 'images_per_second', 'memory_bytes', 'tensors'] satisfies (keyof EpochRecord)[])

const MODEL_FILES = ['weights.safetensors', 'optimizer.safetensors'] as const

/** Begins the run again, in a folder of its own. @throws GraftError CONFLICT where there is nothing to repeat */
export async function beginReproduction(runs: RunsService, original: RunFolder, options: { name: string | null; directory: string | null }): Promise<{ runId: string; directory: string }> {
  const record = await original.record()
  if (record.origin === 'imported') {
    throw new GraftError('CONFLICT', `${record.name} was trained by another program, so there is no training to repeat.`, { action: 'Choose a run that was trained here.' })
  }
  if (record.status !== 'completed') {
    throw new GraftError('CONFLICT', `${record.name} is ${record.status}: only a run that came to its end can be compared with another.`, { action: 'Resume it first, then reproduce it.' })
  }
  const [config, manifest, state] = [await original.config(), await original.manifest(), await original.checkpointState('latest')]
  const reproduces = { run_id: record.run_id, threads: state?.intra_op_threads ?? null }
  const again = newRunRecord({ name: options.name ?? `${record.name} again`, preset: record.preset, config, manifest, reproduces })
  // Memory may have made the passes smaller, and auto was measured: the same again, not found anew.
  const { batch_size, step_size, accumulation_steps } = record.resolved
  const sizes = batch_size === undefined || step_size === undefined ? {} : { batch_size, step_size, ...(accumulation_steps === undefined ? {} : { accumulation_steps }) }
  // Runs from before there was a choice were float32.
  const precision = record.resolved['precision'] ?? 'float32'
  return runs.begin({ record: { ...again, resolved: { ...sizes, precision } }, config, manifest }, options.directory)
}

export async function compareRuns(original: RunFolder, again: RunFolder): Promise<ReproductionReport> {
  const differences = [...historyDifferences(await historyOf(original), await historyOf(again)), ...(await fileDifferences(original, again))]
  const [before, now] = [await original.record(), await again.record()]
  return { isEqual: differences.length === 0, differences, changedEnvironment: environmentChanges(before.environment, now.environment) }
}

async function historyOf(folder: RunFolder): Promise<EpochRecord[]> {
  return (await folder.events()).flatMap(({ event }) => (event.event === 'epoch' ? [event] : []))
}

function historyDifferences(original: readonly EpochRecord[], again: readonly EpochRecord[]): string[] {
  for (const [index, epoch] of original.entries()) {
    const other = again[index]
    if (other === undefined) break
    for (const [key, value] of Object.entries(epoch)) {
      const there = (other as Readonly<Record<string, unknown>>)[key]
      if (TIMED.has(key) || JSON.stringify(value) === JSON.stringify(there)) continue
      return [`epoch ${epoch.epoch}: ${key} was ${JSON.stringify(value)} and is ${JSON.stringify(there)}`]
    }
  }
  return original.length === again.length ? [] : [`there were ${original.length} epochs and are ${again.length}`]
}

async function fileDifferences(original: RunFolder, again: RunFolder): Promise<string[]> {
  const found: string[] = []
  for (const checkpoint of ['best', 'latest'] as const) {
    for (const file of MODEL_FILES) {
      const [before, now] = [await sha256(join(original.checkpointDirectory(checkpoint), file)), await sha256(join(again.checkpointDirectory(checkpoint), file))]
      if (before !== now) found.push(`checkpoints/${checkpoint}/${file} was ${short(before)} and is ${short(now)}`)
    }
  }
  return found
}

const short = (digest: string | null) => (digest === null ? 'not there' : `sha256 ${digest.slice(0, 12)}`)

async function sha256(path: string): Promise<string | null> {
  try {
    return hash('sha256', await readFile(path), 'hex')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}

function environmentChanges(before: RunEnvironment, now: RunEnvironment): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])]
  return keys.filter((key) => before[key] !== now[key]).map((key) => `${key} was ${String(before[key] ?? 'not told')} and is ${String(now[key] ?? 'not told')}`)
}

