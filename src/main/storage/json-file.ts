/** JSON files with a schema. A file that does not fit is an error that names the file and the field, never a guess. */
import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { GraftError } from '../../shared/domain/error'
import { atomicWrite } from './atomic-write'
import { systemCode, toReadError } from './storage-error'

/** "field.name: what was expected" for the first things that do not fit. */
export function describeIssues(error: z.ZodError): string {
  const issues = error.issues.slice(0, 3).map((issue) => `${issue.path.length === 0 ? 'the whole' : issue.path.join('.')}: ${issue.message}`)
  return issues.join('; ') + (error.issues.length > 3 ? `; and ${error.issues.length - 3} more` : '')
}

/** Parses the text of `path` by the schema. */
export function parseJson<T extends z.ZodType>(text: string, schema: T, path: string): z.infer<T> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new GraftError('UNREADABLE', `${path} should be JSON, but it is cut off or damaged.`, {
      action: 'Restore the file from a copy, or delete what it belongs to.',
      detail: error instanceof Error ? error.message : String(error),
    })
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    throw new GraftError('UNREADABLE', `${path} does not have the form that this version expects (${describeIssues(parsed.error)}).`, {
      action: 'If a newer Graft wrote it, use that version; else restore the file from a copy.',
    })
  }
  return parsed.data
}

/** @throws GraftError NOT_FOUND, UNREADABLE, STORAGE */
export async function readJsonFile<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>> {
  const value = await readJsonFileIfThere(path, schema)
  if (value === null) throw new GraftError('NOT_FOUND', `${path} does not exist.`, { action: 'Check the path.' })
  return value
}

/** Null where there is no such file. @throws GraftError UNREADABLE, STORAGE */
export async function readJsonFileIfThere<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T> | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null
    throw toReadError(error, path)
  }
  return parseJson(text, schema, path)
}

/** Checks the value against the schema before the file is replaced, so that nothing is written that cannot be read. */
export async function writeJsonFile<T extends z.ZodType>(path: string, schema: T, value: z.input<T>): Promise<void> {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new Error(`Refusing to write ${path}: ${describeIssues(parsed.error)}`)
  await atomicWrite(path, `${JSON.stringify(parsed.data, null, 2)}\n`)
}
