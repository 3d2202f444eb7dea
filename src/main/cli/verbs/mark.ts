/** graft mark RUN… */
import { GraftError } from '../../../shared/domain/error'
import { MOST_TAGS, type RunRecord, runNoteSchema, runTagSchema } from '../../../shared/domain/run'
import { marksOf, requireOwnRecord } from '../../services/run-marks'
import { printable } from '../format'
import type { Verb } from '../program'
import { findRun } from '../sources'
import { writeLine } from '../terminal'

interface MarkOptions {
  tag: string[]
  untag: string[]
  note?: string
  archive?: boolean
  unarchive?: boolean
  json?: boolean
}

const collect = (value: string, before: string[]): string[] => [...before, ...value.split(',')]

export const markVerb: Verb = {
  name: 'mark',
  define(command, { terminal }) {
    command
      .description('Write tags or a note on runs, or put them out of the way; without an option, show what there is')
      .argument('<runs...>', 'each by its id, name or folder')
      .option('--tag <tags>', 'add these, separated by commas; may be given again', collect, [])
      .option('--untag <tags>', 'take these off', collect, [])
      .option('--note <text>', 'in place of the note there is; an empty one takes it away')
      .option('--archive', 'leave them out of the list; nothing is deleted')
      .option('--unarchive', 'list them again')
      .option('--json', 'One object a run on stdout and nothing else')
      .action(async (references: string[], options: MarkOptions) => {
        if (options.archive === true && options.unarchive === true) throw new GraftError('BAD_INPUT', '--archive and --unarchive came together.', { action: 'Leave one of them out.' })
        const added = options.tag.map(tagOf)
        const removed = new Set(options.untag.map((tag) => tag.trim().toLocaleLowerCase('en')))
        const note = options.note === undefined ? undefined : noteOf(options.note)
        const archived = options.archive === true ? true : options.unarchive === true ? false : undefined
        const changes = added.length > 0 || removed.size > 0 || note !== undefined || archived !== undefined
        const runs = await Promise.all(references.map((reference) => findRun(reference, terminal.workingDirectory)))
        for (const { folder, record } of runs) {
          const tags = [...record.tags.filter((tag) => !removed.has(tag.toLocaleLowerCase('en'))), ...added]
          const marks = marksOf({ ...(added.length > 0 || removed.size > 0 ? { tags } : {}), note, archived })
          if ((marks.tags?.length ?? 0) > MOST_TAGS) throw new GraftError('BAD_INPUT', `${record.name} would have ${marks.tags?.length ?? 0} tags; ${MOST_TAGS} are the most.`, { action: 'Take some off with --untag.' })
          if (changes) requireOwnRecord(record)
          const now = changes ? await folder.updateRecord(marks) : record
          writeLine(terminal.stdout, options.json === true ? JSON.stringify({ run_id: now.run_id, tags: now.tags, note: now.note, archived: now.archived }) : said(now))
        }
      })
  },
}

function tagOf(text: string): string {
  const tag = runTagSchema.safeParse(text)
  if (tag.success) return tag.data
  throw new GraftError('BAD_INPUT', `"${printable(text)}" cannot be a tag: one to 40 characters on one line were expected.`, { action: 'Choose a shorter word.' })
}

function noteOf(text: string): string {
  const note = runNoteSchema.safeParse(text)
  if (note.success) return note.data
  throw new GraftError('BAD_INPUT', `The note has ${text.length} characters; 4,000 are the most.`, { action: 'Shorten it.' })
}

function said({ run_id: runId, name, tags, note, archived }: RunRecord): string {
  const parts = [archived ? 'archived' : '', tags.length === 0 ? '' : `tags: ${tags.join(', ')}`, note === '' ? '' : `note: ${note}`].filter((part) => part !== '')
  return printable(`${runId}  ${name}  ${parts.length === 0 ? 'no tags, no note' : parts.join('; ')}`)
}
