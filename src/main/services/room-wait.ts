/** Waits for room on a disk that was full. */
import { statfs } from 'node:fs/promises'

const LOOK_EVERY_MS = 2_000
const LONGEST_PAUSE_MS = 30 * 60_000

/** How long to wait at least, where `tries` have failed for lack of room since the last checkpoint: a quota is not seen in what is free. */
export const pauseBefore = (tries: number): number => Math.min(LONGEST_PAUSE_MS, LOOK_EVERY_MS * 2 ** tries)

/** Calls `onRoom` once the disk of `directory` has `neededBytes` free, `afterMs` from now at the earliest. A disk that cannot be asked is waited for. Returns how to end it. */
export function waitForRoom(directory: string, { neededBytes, afterMs }: { neededBytes: number; afterMs: number }, onRoom: () => void): () => void {
  let isOver = false
  const look = async (): Promise<void> => {
    const free = await statfs(directory).then(({ bavail, bsize }) => bavail * bsize, () => null)
    if (isOver) return
    if (free !== null && free >= neededBytes) return onRoom()
    timer = setTimeout(() => void look(), LOOK_EVERY_MS)
  }
  let timer = setTimeout(() => void look(), afterMs)
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
