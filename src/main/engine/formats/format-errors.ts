/** The two ways a file of weights fails, with names out of the file made safe to show. */
import { GraftError } from '../../../shared/domain/error'

const SHOWN_CHARACTERS = 100
// Control characters could drive a terminal, and direction marks could make a name read as another one.
const UNSAFE_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/gu

/** A name from a file, without control or direction characters and cut to a length that fits a sentence. */
export function shown(name: string): string {
  const cut = name.length > SHOWN_CHARACTERS ? `${name.slice(0, SHOWN_CHARACTERS)}…` : name
  return cut.replace(UNSAFE_CHARACTERS, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

const GET_AGAIN = 'Copy or download the file again, and check that it is a file of weights.'

/** The file is not what it should be; `message` says what was expected and what came. */
export function unreadable(message: string, action: string = GET_AGAIN): GraftError {
  return new GraftError('UNREADABLE', message, { action })
}

const TRUST =
  'Do not open this file in Python. Get the weights from a source you trust, as safetensors or from torch.save(model.state_dict(), …).'

/** The file asks for something that is never allowed; `message` names it. */
export function refused(message: string, action: string = TRUST): GraftError {
  return new GraftError('REFUSED', message, { action })
}

export const SAVE_STATE_DICT =
  'If you made this file, save the weights alone in Python, torch.save(model.state_dict(), "weights.pth"), and choose that file.'
