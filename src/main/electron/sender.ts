/** Whom the main process listens to. */
import type { WebContents, WebFrameMain } from 'electron'
import { STUDIO_HOST, STUDIO_SCHEME } from './protocol'

/** What every message from a window carries. */
export interface Sent {
  sender: WebContents
  senderFrame: WebFrameMain | null
}

/** Compared as a parsed address: a beginning that looks right may belong to another host. */
export function isStudioAddress(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, host, username, password } = new URL(address)
  return protocol === `${STUDIO_SCHEME}:` && host === STUDIO_HOST && username === '' && password === ''
}

/**
 * Security checklist: check the sender of every message. Only the top frame of our own window, showing our own page, is heard;
 * a frame that has gone (null) or that lies in another one is not.
 */
export function isFromStudio(event: Sent, contents: WebContents | null): boolean {
  const { sender, senderFrame } = event
  return contents !== null && sender === contents && senderFrame !== null && senderFrame.parent === null && isStudioAddress(senderFrame.url)
}
