/** What lies in a run's folder that is the run's: all of it, or a reason not to throw the folder away. */
import { readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import { systemCode } from '../storage/storage-error'

/** What a run writes into its folder, beside `run.json`; nothing else there is ever deleted. */
const RUN_MEMBERS = [
  'open.graft', 'checkpoints', 'evaluation', 'config.yaml', 'manifest.json', 'history.jsonl', 'epoch_answers.bin', 'training_history.json', 'training_history.png', 'model_info.json', 'report.html', 'log', 'profile.json', 'profile.md',
  'suspects.json', 'thresholds.json',
  'history.jsonl.damaged', '.lock', '.lock.takeover',
] as const // prettier-ignore

/** What a killed process was writing. */
const isHalfWritten = (name: string): boolean => /^\..*\.tmp-\d+-[0-9a-f]+$/.test(name)

/** Only a folder that is the run's alone goes to the trash as a whole. @throws GraftError UNSUPPORTED naming what else lies there */
export async function requireNothingElse(directory: string): Promise<void> {
  const own = new Set<string>([...RUN_MEMBERS, 'run.json'])
  const foreign = (await readdir(directory)).filter((name) => !own.has(name) && !isHalfWritten(name))
  if (foreign.length === 0) return
  throw new GraftError('UNSUPPORTED', `${directory} also holds what the run did not write (${foreign.slice(0, 3).join(', ')}${foreign.length > 3 ? ', …' : ''}), so it cannot go to the trash as a whole.`, {
    action: 'Move that away first, or delete the run for good: it stays.',
  })
}

/** Deletes what the run wrote, and the folder unless something else lies in it. */
export async function removeMembers(directory: string): Promise<void> {
  for (const member of RUN_MEMBERS) await rm(join(directory, member), { recursive: true, force: true })
  for (const name of await readdir(directory)) {
    if (isHalfWritten(name)) await rm(join(directory, name), { recursive: true, force: true })
  }
  // Last: until then the folder is a run, and removing it can be tried again.
  await rm(join(directory, 'run.json'), { force: true })
  await rmdir(directory).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error
  })
}
