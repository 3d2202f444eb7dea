/**
 * Every sentence of the studio goes through here: `t`, `plural` and `<Trans>` of Lingui's macros come out as calls of this instance. It speaks
 * English, the language that the sentences are written in, until another catalogue is activated.
 */
import { setupI18n } from '@lingui/core'
import { compileMessage, type CompiledMessage } from '@lingui/message-utils/compileMessage'

const compiled = new Map<string, CompiledMessage>()

/** A sentence is taken apart the first time that it is said. */
function compileOnce(message: string): CompiledMessage {
  const known = compiled.get(message)
  if (known !== undefined) return known
  const parts = compileMessage(message)
  compiled.set(message, parts)
  return parts
}

export const words = setupI18n({ locale: 'en', messages: { en: {} } })
words.setMessagesCompiler(compileOnce)

/** For days and times: of English the way that puts the day first. */
export const dateLanguage = (): string => (words.locale === 'en' ? 'en-GB' : words.locale)
