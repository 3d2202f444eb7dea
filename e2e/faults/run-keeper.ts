/**
 * A session of training as far as the disk sees it, without training: takes a run up from its latest checkpoint and writes one epoch more.
 * Run by the fault specs as a process of its own, with one thread for all its file operations, so that a fault can be aimed at the Nth of them.
 *
 *   node run-keeper.mjs FOLDER resume|write|hold [BYTES]
 *
 * It tells its file thread, waits for a line on stdin, and then says in one line what came of it. `write` has resumed before it waits; `hold` keeps
 * its claim on the run until a second line comes.
 */
import { readlink } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { toFailure } from '../../src/shared/domain/error'
import { RunFolder } from '../../src/main/storage/run-folder'
import { exampleEpoch, exampleState } from '../../src/main/storage/run-folder.examples'
import { EXAMPLE_BYTES, tensorsOf } from './known-bytes'

const [, , directory = '', mode = 'resume', bytes = String(EXAMPLE_BYTES)] = process.argv
const say = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

interface TakenUp {
  readonly folder: RunFolder
  readonly epoch: number
  readonly note: string | null
}

async function takeUp(): Promise<TakenUp> {
  const folder = await RunFolder.open(directory)
  const read = await folder.readCheckpoint('latest')
  const epoch = read?.state.epoch ?? 0
  await folder.cutBack(epoch, read?.state.history ?? [])
  if (read !== null && read.note !== null) await folder.appendEvent({ event: 'log', level: 'warning', message: read.note })
  return { folder, epoch, note: read?.note ?? null }
}

async function writeEpoch({ folder, epoch: before }: TakenUp): Promise<number> {
  const epoch = before + 1
  const state = exampleState(epoch)
  const content = { weights: tensorsOf(epoch, Number(bytes)), optimizer: tensorsOf(epoch + 1000, Number(bytes)), state }
  await folder.writeCheckpoint('best', content)
  await folder.writeCheckpoint('latest', content)
  await folder.writeTrainingHistory(state.history)
  await folder.appendLog(`epoch ${epoch}`)
  await folder.appendEvent({ event: 'epoch', ...exampleEpoch(epoch) })
  await folder.updateRecord({ epochs_done: epoch })
  return epoch
}

async function work(): Promise<void> {
  const ready = mode === 'write' ? await takeUp() : null
  say({ thread: Number((await readlink('/proc/thread-self')).split('/').at(-1)) })
  const lines = createInterface(process.stdin)[Symbol.asyncIterator]()
  await lines.next()
  if (ready !== null) return say({ epoch: await writeEpoch(ready), note: ready.note })
  const release = await (await RunFolder.open(directory)).claim(mode === 'hold' ? 300 : 2000)
  try {
    const taken = await takeUp()
    say({ epoch: await writeEpoch(taken), note: taken.note })
    if (mode === 'hold') await lines.next()
  } finally {
    // As the trainer does: its claim ends with the process.
    await release().catch(() => undefined)
  }
}

try {
  await work()
  process.exit(0)
} catch (error) {
  say({ failure: toFailure(error) })
  process.exit(1)
}
