/** graft queue */
import { GraftError } from '../../../shared/domain/error'
import type { QueueView } from '../../../shared/domain/queue'
import type { Studio } from '../../services/studio'
import { exitCodeOfSignal, EXIT_FAILED } from '../exit-codes'
import { ExitWithCode } from '../failure'
import { followedRun, followRun } from '../follow-run'
import { formatDate, formatPlural, printable } from '../format'
import { onInterrupt } from '../interrupt'
import type { CommandContext, Verb } from '../program'
import { findRun } from '../sources'
import { tableLines } from '../table'
import { writeLine, type Terminal } from '../terminal'

export const queueVerb: Verb = {
  name: 'queue',
  define(command, context) {
    const { terminal, studio } = context
    const named = async (reference: string): Promise<{ runId: string; name: string; directory: string }> => {
      const { folder, record } = await findRun(reference, terminal.workingDirectory)
      return { runId: record.run_id, name: record.name, directory: folder.directory }
    }
    const say = (text: string): void => writeLine(terminal.stdout, printable(text))
    command
      .description('Runs that wait for their turn on this machine; an open studio begins them one after the other, or graft queue run does')
      .addHelpText('after', '\nA new run is put into it by graft train DATA --queue.\n')
    command
      .command('list', { isDefault: true })
      .description('What waits, in order, and how those before ended')
      .option('--json', 'One object on stdout and nothing else')
      .action(async (options: { json?: boolean }) => {
        const view = await studio().queue.get()
        if (options.json === true) writeLine(terminal.stdout, JSON.stringify(view))
        else for (const line of listLines(view)) writeLine(terminal.stdout, line)
      })
    command
      .command('add')
      .description('Put runs that came to no end into it; each goes on from where it is')
      .argument('<runs...>', 'each by its id, name or folder')
      .action(async (references: string[]) => {
        for (const reference of references) {
          const { runId, name, directory } = await named(reference)
          const { place } = await studio().queue.put({ runId, directory })
          say(`${name} is in the queue, at place ${place}.`)
        }
      })
    command
      .command('remove')
      .description('Take runs out of it; they stay as runs, to be resumed or put back')
      .argument('<runs...>', 'each by its id, name or folder')
      .action(async (references: string[]) => {
        for (const reference of references) {
          const { runId, name } = await named(reference)
          requireQueued(await studio().queue.get(), runId, name)
          await studio().queue.remove({ runId })
          say(`${name} is out of the queue.`)
        }
      })
    command
      .command('move')
      .description('Give a run another place')
      .argument('<run>', 'its id, name or folder')
      .argument('<place>', '1 for the next one')
      .action(async (reference: string, text: string) => {
        const place = Number(text)
        if (!Number.isInteger(place) || place < 1) throw new GraftError('BAD_INPUT', `A place from 1 was expected, but "${printable(text)}" came.`, { action: 'For example 1 for the next one.' })
        const { runId, name } = await named(reference)
        await studio().queue.move({ runId, to: place - 1 })
        const { entries } = await studio().queue.get()
        say(`${name} is at place ${entries.findIndex((entry) => entry.runId === runId) + 1} of ${entries.length}.`)
      })
    command
      .command('clear')
      .description('Take all out of it')
      .action(async () => {
        const { removed } = await studio().queue.clear()
        say(`${formatPlural(removed, 'run')} taken out.`)
      })
    command
      .command('hold')
      .description('Begin none until graft queue run, or Go on in the studio; what is at work goes on')
      .action(async () => {
        await studio().queue.hold({ held: true })
        say('The queue is held.')
      })
    command
      .command('run')
      .description('Train what waits, one after the other, until nothing does; one that fails does not keep the next from beginning')
      .option('--json', 'One object a line on stdout and nothing else, the events of each run')
      .action((options: { json?: boolean }) => runQueue(context, studio(), options.json === true))
  },
}

function requireQueued({ entries }: QueueView, runId: string, name: string): void {
  if (entries.some((entry) => entry.runId === runId)) return
  throw new GraftError('NOT_FOUND', `${name} is not in the queue.`, { action: 'graft queue shows what is.' })
}

function listLines({ entries, held, waitsFor, keeper, current, ended }: QueueView): string[] {
  const lines: string[] = []
  if (current !== null) lines.push(`At work: ${printable(current.name)}`)
  if (entries.length === 0) lines.push('Nothing waits. graft train DATA --queue puts a run into the queue.')
  else {
    const rows = entries.map(({ runId, name, backbone, epochsDone, epochsPlanned, addedAt }, index) => [String(index + 1), runId, name, backbone, `${epochsDone}/${epochsPlanned}`, formatDate(addedAt)])
    const right = { align: 'right' as const }
    lines.push(...tableLines([{ title: 'place', ...right }, { title: 'id' }, { title: 'name' }, { title: 'backbone' }, { title: 'epochs', ...right }, { title: 'added' }], rows))
    if (held) lines.push('Held: none begins until graft queue run, or Go on in the studio.')
    else if (keeper === 'none') lines.push('No studio is open that would begin them; graft queue run does.')
    else if (waitsFor !== null) lines.push(`The first waits for ${printable(waitsFor)}.`)
  }
  for (const { name, status, message } of ended) lines.push(`${status === 'completed' ? 'Done' : status === 'stopped' ? 'Stopped' : 'Failed'}: ${printable(name)}${message === null ? '' : `: ${printable(message)}`}`)
  return lines
}

/** Begins and follows what waits. Where a studio is open, that one does. @throws ExitWithCode where a run failed, or at Ctrl-C */
async function runQueue({ terminal, logDirectory }: CommandContext, studio: Studio, json: boolean): Promise<void> {
  await studio.queue.hold({ held: false })
  const { keeper, entries } = await studio.queue.get()
  if (keeper === 'elsewhere') {
    writeLine(terminal.stderr, `A studio is open and begins them: ${formatPlural(entries.length, 'run')} to come. graft queue shows how they go.`)
    return
  }
  let failures = 0
  const news = studio.queue.subscribe()
  studio.queue.begin()
  let wait = untilNews(terminal, studio)
  try {
    for await (const item of news) {
      if (item.kind === 'empty') break
      if (item.kind === 'held') {
        const { entries } = await studio.queue.get()
        if (wait.signal() === null) writeLine(terminal.stderr, `The queue was held, with ${formatPlural(entries.length, 'run')} still in it. graft queue run goes on with it.`)
        break
      }
      if (item.kind === 'waits' && item.for !== null && !studio.runs.liveRecords().some(({ name }) => item.for === name)) writeLine(terminal.stderr, `Waiting for ${printable(item.for)} to end.`)
      if (item.kind !== 'begun') continue
      wait.release()
      try {
        const run = followedRun(studio, { runId: item.runId, since: item.since }, logDirectory)
        // Held first: the rest waits for the word of this person, whoever else waits to begin it.
        await followRun(terminal, { ...run, stop: () => studio.queue.hold({ held: true }).catch(() => undefined).then(run.stop) }, { json })
      } catch (error) {
        if (!(error instanceof ExitWithCode) || error.exitCode > EXIT_INTERRUPTED_FROM) throw error
        failures++
      }
      await studio.runs.finished(item.runId)
      wait = untilNews(terminal, studio)
    }
  } finally {
    wait.release()
    await news.return()
  }
  const signal = wait.signal()
  if (signal !== null) throw new ExitWithCode(exitCodeOfSignal(signal))
  if (failures > 0) throw new ExitWithCode(EXIT_FAILED)
}

/** Exit codes above this are a signal's. */
const EXIT_INTERRUPTED_FROM = 128

/** Ctrl-C before a run has begun: the queue is left as it is. */
function untilNews(terminal: Terminal, studio: Studio) {
  return onInterrupt(terminal, {
    message: 'Ending; the queue stays, held until graft queue run.',
    stop: () => void studio.queue.hold({ held: true }).catch(() => undefined).then(() => studio.queue.close()),
    kill() {},
  })
}
