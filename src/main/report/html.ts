/** HTML by template strings that escape what is put into them: names of classes and files are somebody else's text. */
import { shown } from '../../shared/domain/shown'

export class Html {
  constructor(readonly text: string) {}
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

type Content = string | number | Html | null | false | readonly Content[]

function put(content: Content): string {
  if (content === null || content === false) return ''
  if (content instanceof Html) return content.text
  if (typeof content === 'number') return String(content)
  if (typeof content === 'string') return content.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
  return content.map(put).join('')
}

/** Whatever is put in is escaped, unless it is HTML already. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(parts.map((part, i) => part + put(contents[i] ?? null)).join(''))
}

/** A name from a file or folder: without control characters, cut to what fits. */
export const name = (text: string) => shown(text)
