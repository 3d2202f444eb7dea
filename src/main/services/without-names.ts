/** Text that may be handed on: what it says of persons, folders and files is taken out. */
import { homedir, hostname, tmpdir, userInfo } from 'node:os'

/** Folders of Graft's that stay recognisable, under the words that take their place. */
export type KnownPlaces = Readonly<Record<string, string>>

function personalNames(): string[] {
  try {
    return [userInfo().username, hostname()]
  } catch {
    // A user without an entry, as in some containers, has no name to take out.
    return [hostname()]
  }
}

/** Shorter ones occur within other words. */
const SHORTEST_NAME = 3
/** Everybody's. */
const NO_NAMES = new Set(['root', 'user', 'localhost', 'node', 'runner'])

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** A path in one piece: with a slash somewhere in it, of either kind. What follows a place that is known stays with it. */
const PATH = /(?<![\w<>])(?:[A-Za-z]:)?[^\s"'“”‘’,;:()<>[\]{}|]*[\\/][^\s"'“”‘’,;()<>[\]{}|]*/g
/** Host alone: a path on a server may name a person too. */
const ADDRESS = /\b(https?:\/\/[^\s/"']+)[^\s"']*/g

/**
 * The text without paths, without the names of this user and machine, and without `names` (of datasets, classes, runs).
 * @param places what stays recognisable, such as `<data>`, by its path
 */
export function withoutNames(text: string, places: KnownPlaces, names: readonly string[] = []): string {
  const known = Object.entries({ ...places, '<temporary>': tmpdir(), '<home>': homedir() })
    .filter(([, path]) => path.length > 1)
    .sort(([, a], [, b]) => b.length - a.length)
  let result = text.replaceAll('file://', '')
  // With the rest of the path behind it, which may hold spaces as far as quotes or the line go only where quotes stand around it.
  for (const [word, path] of known) result = result.replace(new RegExp(`${escaped(path)}(?![\\w-])[^\\s"',;:()]*`, 'g'), (found) => `${word}${/\.(?:js|mjs|cjs|ts)$/.test(found) ? ` ${found.split(/[\\/]/).at(-1) ?? ''}` : ''}`)
  result = result.replace(ADDRESS, '$1')
  const hosts = new Set(result.match(/https?:\/\/[^\s/"']+/g) ?? [])
  result = result.replace(PATH, (found) => ([...hosts].some((host) => host.endsWith(found) || found.endsWith(host)) ? found : '<path>'))
  const taken = [...new Set([...names, ...personalNames()])].filter((name) => name.length >= SHORTEST_NAME && !NO_NAMES.has(name)).sort((a, b) => b.length - a.length)
  for (const name of taken) result = result.replace(new RegExp(`(?<![\\p{L}\\p{N}])${escaped(name)}(?![\\p{L}\\p{N}])`, 'gu'), '<name>')
  return result
}
