/** Names that somebody else's file or folder gives, made safe to show in a sentence, in a log or on a terminal. */
import { t } from '@lingui/core/macro'

const SHOWN_CHARACTERS = 100
const SHOWN_NAMES = 20
// Control characters could drive a terminal, and direction marks could make a name read as another one.
const UNSAFE_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/gu
// Narrower: joiners between letters belong to some scripts and to emoji.
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/u

/** A name from a file, without control or direction characters and cut to a length that fits a sentence. */
export function shown(name: string): string {
  const cut = name.length > SHOWN_CHARACTERS ? `${name.slice(0, SHOWN_CHARACTERS)}…` : name
  return cut.replace(UNSAFE_CHARACTERS, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

/** The first names, safe to show, and how many more there are. */
export function shownList(names: readonly string[], limit = SHOWN_NAMES): string {
  const first = names.slice(0, limit).map(shown).join(', ')
  return names.length > limit ? t`${first} and ${{ count: names.length - limit }} more` : first
}

/** Why a text cannot be a class's name, or null where it can. */
export function nameFault(name: string): string | null {
  if (name.trim() === '') return t`is empty`
  return CONTROL_CHARACTERS.test(name) ? t`has control characters` : null
}
