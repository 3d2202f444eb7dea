/** Where the window was, so that it opens there again. */
import { z } from 'zod'
import { readJsonFileIfThere, writeJsonFile } from '../storage/json-file'

export interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}

const windowStateSchema = z.object({
  bounds: z.object({ x: z.int(), y: z.int(), width: z.int().positive().max(32_768), height: z.int().positive().max(32_768) }),
  isMaximized: z.boolean(),
})
export type WindowState = z.infer<typeof windowStateSchema>

export const MINIMUM_SIZE = { width: 900, height: 600 } as const
const USUAL_SIZE = { width: 1280, height: 860 } as const
/** So much of the window must lie on a display for it to be found and dragged, in pixels. */
const VISIBLE = { width: 120, height: 60 } as const
const SAVE_DELAY_MS = 500

/** A damaged file only costs the window its place. */
export async function readWindowState(path: string): Promise<WindowState | null> {
  return readJsonFileIfThere(path, windowStateSchema).catch(() => null)
}

/**
 * Bounds that can be seen: those saved where they still lie on a display, else the usual size in the middle of the first one.
 * @param workAreas of the displays, the primary one first
 */
export function visibleBounds(saved: Rectangle | null, workAreas: readonly Rectangle[]): Rectangle {
  const area = saved === null ? undefined : workAreas.find((candidate) => isReachable(saved, candidate))
  if (saved !== null && area !== undefined) return { ...saved, width: clamp(saved.width, MINIMUM_SIZE.width, area.width), height: clamp(saved.height, MINIMUM_SIZE.height, area.height) }
  const primary = workAreas[0] ?? { x: 0, y: 0, ...USUAL_SIZE }
  const width = Math.min(USUAL_SIZE.width, primary.width)
  const height = Math.min(USUAL_SIZE.height, primary.height)
  return { x: primary.x + Math.round((primary.width - width) / 2), y: primary.y + Math.round((primary.height - height) / 2), width, height }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(Math.min(value, most), Math.min(least, most))
}

/** Its upper edge, by which a window is dragged, must be on the display. */
function isReachable(window: Rectangle, area: Rectangle): boolean {
  const overlap = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x)
  return overlap >= VISIBLE.width && window.y >= area.y && window.y + VISIBLE.height <= area.y + area.height
}

/** The part of a window that its state is read from. */
export interface StatefulWindow {
  on(event: 'resize' | 'move' | 'maximize' | 'unmaximize' | 'close', listener: () => void): unknown
  getNormalBounds(): Rectangle
  isMaximized(): boolean
  isMinimized(): boolean
  isDestroyed(): boolean
}

/** Saves a little after each change, and at once when the window closes. A place that cannot be saved is no reason to fail. */
export function keepWindowState(window: StatefulWindow, path: string): void {
  let timer: NodeJS.Timeout | undefined
  const save = (): void => {
    clearTimeout(timer)
    if (window.isDestroyed() || window.isMinimized()) return
    const { x, y, width, height } = window.getNormalBounds()
    writeJsonFile(path, windowStateSchema, { bounds: { x, y, width, height }, isMaximized: window.isMaximized() }).catch(() => undefined)
  }
  const soon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(save, SAVE_DELAY_MS)
  }
  for (const event of ['resize', 'move', 'maximize', 'unmaximize'] as const) window.on(event, soon)
  window.on('close', save)
}
