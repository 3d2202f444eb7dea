import { t } from '@lingui/core/macro'
import { formatBytes, formatDuration } from '../../ui/format'

/** What is left to send, in words; null in the first second, when nothing is known. */
export function uploadSpeed(sentBytes: number, sizeBytes: number, elapsedMs: number): string | null {
  if (elapsedMs < 1000 || sentBytes === 0) return null
  const bytesPerSecond = (sentBytes / elapsedMs) * 1000
  const secondsLeft = (sizeBytes - sentBytes) / bytesPerSecond
  return `${formatBytes(bytesPerSecond)}/s · ${secondsLeft < 1 ? t`nearly done` : t`about ${{ duration: formatDuration(secondsLeft) }} left`}`
}
