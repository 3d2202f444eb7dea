/** Waits for room on a disk that was full. */
import { statfs } from 'node:fs/promises'

const LOOK_EVERY_MS = 2_000

async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}

/**
 * Calls `onRoom` once the disk of `directory` has at least `neededBytes` free and more than it has now: where a quota or the number of files is
 * what lacks, it has room already. A disk that cannot be asked is waited for. Returns how to end it.
 */
export function waitForRoom(directory: string, neededBytes: number, onRoom: () => void): () => void {
  let before: number | null = null
  let timer: NodeJS.Timeout | null = null
  let isOver = false
  const look = async (): Promise<void> => {
    const free = await freeBytes(directory).catch(() => null)
    if (isOver) return
    if (free !== null && before !== null && free >= neededBytes && free > before) return onRoom()
    // What others take meanwhile counts for nothing.
    if (free !== null) before = before === null ? free : Math.min(before, free)
    timer = setTimeout(() => void look(), LOOK_EVERY_MS)
  }
  void look()
  return () => {
    isOver = true
    if (timer !== null) clearTimeout(timer)
  }
}
