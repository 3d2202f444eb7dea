/** The language of the studio. It is settled before anything else is loaded, so that a sentence may stand in any constant. */
import type { Messages } from '@lingui/core'
import { words } from '../../shared/words/words'

/** Another language is a row here and its catalogue in shared/words; `npm run words` gathers what it has to say. */
const CATALOGUES: Readonly<Record<string, () => Promise<{ messages: Messages }>>> = {
  // English with accents: shows what never went through the catalogue.
  'en-XA': () => import('../../shared/words/en-XA.po?words'),
}

const STORAGE_KEY = 'graft.language'

const isSpoken = (language: string): boolean => language === 'en' || language in CATALOGUES

/** What was chosen, else the first of the person's languages that there is. */
function chosenLanguage(): string {
  try {
    const chosen = localStorage.getItem(STORAGE_KEY)
    if (chosen !== null && isSpoken(chosen)) return chosen
  } catch {
    // Storage may be blocked; the browser's languages are good then.
  }
  // `de` serves a person of `de-AT`.
  return navigator.languages.flatMap((language) => [language, language.split('-')[0] ?? language]).find(isSpoken) ?? 'en'
}

export async function settleLanguage(): Promise<void> {
  const language = chosenLanguage()
  const catalogue = CATALOGUES[language]
  if (catalogue === undefined) return
  words.loadAndActivate({ locale: language, messages: (await catalogue()).messages })
  document.documentElement.lang = language
}
