/** Copies text, also where the page is served without TLS to another machine and the clipboard is not open to it. */
import { useEffect, useRef, useState } from 'react'

const TOLD_MS = 1500

/** False where neither way is open. */
export async function copyText(text: string): Promise<boolean> {
  // Undefined on such a page, whatever its type says.
  const clipboard: Clipboard | undefined = navigator.clipboard
  if (clipboard !== undefined && (await clipboard.writeText(text).then(() => true, () => false))) return true
  return copySelected(text)
}

function copySelected(text: string): boolean {
  const { activeElement } = document
  const field = document.createElement('textarea')
  field.value = text
  field.readOnly = true
  field.setAttribute('aria-hidden', 'true')
  Object.assign(field.style, { position: 'fixed', opacity: '0', pointerEvents: 'none' })
  document.body.append(field)
  field.select()
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- without TLS there is no other way
  const isCopied = document.execCommand('copy')
  field.remove()
  if (activeElement instanceof HTMLElement) activeElement.focus()
  return isCopied
}

/** `copied` for a moment after `copy`. */
export function useCopy(): { copied: boolean; copy: (text: string) => void } {
  const [copied, setCopied] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const copy = (text: string): void => {
    void copyText(text).then((isCopied) => {
      clearTimeout(timer.current)
      setCopied(isCopied)
      timer.current = setTimeout(() => setCopied(false), TOLD_MS)
    })
  }
  return { copied, copy }
}
