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

/** Addresses: the host alone, since a path on a server may name a person too. */
const ADDRESS = /\b(https?:\/\/[^\s/"']+)[^\s"']*/g
/** What looks like a path and names nobody: addresses without theirs, sources and devices of Node's and TensorFlow's, counts, files of a run. */
const HARMLESS =
  /https?:\/\/[^\s/"']+|node:[\w/]+|(?<![\w/\\])(?:tensorflow|external|xla)\/[\w./-]+\.(?:cc|cpp|h):\d+|\/job:[\w:/]+|(?<![\w/\\])\d+\/\d+(?![\w/\\])|(?<=^|\s)(?:run|manifest)\.json\b|(?<=^|\s)config\.yaml\b|(?<=^|\s)weights\.safetensors\b/g
const FILE_NAME = /\.(?:jpe?g|jfif|png|webp|gif|tiff?|avif|hei[cf]|bmp|svg|pth?|bin|ckpt|h5|keras|safetensors|onnx|tflite|npz?y?|zip|ya?ml|csv|txt|md|jsonl?|html?|graft)(?![\p{L}\p{N}])/iu
const QUOTED = /(?<![\p{L}\p{N}])(?:'.*'|".*"|`.*`|‘.*’|“.*”)/gu
/** A path from the root, of a drive, of a share, or below a place that has its word already. */
const ROOTED = /(?<![\p{L}\p{N}._~>-])(?:[A-Za-z]:[\\/]|\\\\|~?[\\/](?=\S))/u
const VERBS = 'is|are|was|were|has|have|does|do|cannot|can|could|should|must|will|would|exists|already|failed|needs|holds|lies'
/** The sentence after a path, from its last verb on; nothing where it is not plainly one. */
const SENTENCE = new RegExp(`(?:,? (?:${VERBS})|[:,] not?)\\b(?!.* (?:${VERBS})\\b)[a-z0-9 ,.;()'-]*$`)
const END = /\)?$/

const isPath = (text: string): boolean => /[\\/]/.test(text) || FILE_NAME.test(text)

/**
 * The text without paths and names of files, without the names of this user and machine, and without `names` (of datasets, classes, runs). A path may hold spaces, so that
 * nobody knows where an unquoted one ends, or where one that does not begin at a root begins: there more is taken out than needs be.
 *
 * @param places what stays recognisable, such as `<data>`, by its path
 */
export function withoutNames(text: string, places: KnownPlaces, names: readonly string[] = []): string {
  return text
    .split('\n')
    .map((line) => lineWithoutNames(line, places, names))
    .join('\n')
}

function lineWithoutNames(line: string, places: KnownPlaces, names: readonly string[]): string {
  const known = Object.entries({ ...places, '<temporary>': tmpdir(), '<home>': homedir() })
    .filter(([, path]) => path.length > 1)
    .sort(([, a], [, b]) => b.length - a.length)
  let result = line.replaceAll('file://', '').replace(ADDRESS, '$1')
  for (const [word, path] of known) {
    // Of our own installation the file says where a defect lies.
    if (word === '<graft>') result = result.replace(new RegExp(`${escaped(path)}[\\\\/][^\\s"',;:()]*?([^\\s"',;:()\\\\/]+\\.(?:js|mjs|cjs|ts))(?=[:)\\s]|$)`, 'g'), `${word} $1`)
    result = result.replace(new RegExp(`${escaped(path)}(?![\\w-])`, 'g'), word)
  }
  result = result.replace(QUOTED, (found: string) => (isPath(found.replace(HARMLESS, '')) ? '<path>' : found))
  const taken = [...new Set([...names, ...personalNames()])].filter((name) => name.length >= SHORTEST_NAME && !NO_NAMES.has(name)).sort((a, b) => b.length - a.length)
  for (const name of taken) result = result.replace(new RegExp(`(?<![\\p{L}\\p{N}<])${escaped(name)}(?![\\p{L}\\p{N}>])`, 'gu'), '<name>')
  return withoutPath(result, known.map(([word]) => word))
}

function withoutPath(line: string, places: readonly string[]): string {
  // As long as before, so that a place in the one is the same place in the other.
  const open = line.replace(HARMLESS, (found) => '·'.repeat(found.length))
  const below = new RegExp(`(?:${places.map(escaped).join('|')})(?=[\\\\/]|\\s(?!(?:${VERBS})\\b|[\\w.-]+\\.[cm]?[jt]s\\b))`).exec(open)
  const rooted = ROOTED.exec(open)
  const isBelow = below !== null && below.index < (rooted?.index ?? Infinity)
  const start = isBelow ? below.index : (rooted?.index ?? open.length)
  if (isPath(open.slice(0, start))) return `<path>${sentenceAfter(open)}`
  if (start === open.length) return line
  return `${line.slice(0, start)}${isBelow ? below[0] : '<path>'}${sentenceAfter(open.slice(start))}`
}

function sentenceAfter(path: string): string {
  const found = SENTENCE.exec(path)?.[0] ?? ''
  return found === '' || isPath(found) ? (END.exec(path)?.[0] ?? '') : found
}
