/** What one sends along with a question: shown in Settings as it was copied. */
import { create } from 'zustand'
import { copyText } from '../ui/copy-text'
import { client } from './host'
import { report } from './machine'
import { go } from './place'

interface Diagnostics {
  readonly text: string | null
  /** False where the browser did not let the clipboard be written: then it is copied by hand. */
  readonly isCopied: boolean
}

export const useDiagnostics = create<Diagnostics>(() => ({ text: null, isCopied: false }))

/** Copies it, and shows in Settings what was copied. */
export async function copyDiagnostics(): Promise<void> {
  try {
    const { text } = await client().system.diagnostics()
    const isCopied = await copyText(text)
    useDiagnostics.setState({ text, isCopied })
    go('settings')
  } catch (error) {
    report(error)
  }
}
