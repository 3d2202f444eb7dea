import { EventEmitter } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { keepWindowState, readWindowState, visibleBounds } from './window-state'

const base = await mkdtemp(join(tmpdir(), 'graft-window-'))
afterAll(() => rm(base, { recursive: true, force: true }))

const screen = { x: 0, y: 0, width: 1920, height: 1040 }
const second = { x: 1920, y: 0, width: 1280, height: 1000 }
const usual = { x: 320, y: 90, width: 1280, height: 860 }

test('a window comes back where it was, on any display', () => {
  expect(visibleBounds({ x: 100, y: 50, width: 1000, height: 700 }, [screen])).toEqual({ x: 100, y: 50, width: 1000, height: 700 })
  expect(visibleBounds({ x: 2000, y: 50, width: 1000, height: 700 }, [screen, second])).toEqual({ x: 2000, y: 50, width: 1000, height: 700 })
})

test('a window that could not be found or dragged gets the usual place', () => {
  expect(visibleBounds(null, [screen])).toEqual(usual)
  // The second display is gone; far to the left; title above the display; only a sliver below.
  for (const [x, y] of [[2000, 50], [-990, 50], [100, -200], [100, 1030]] as const) {
    expect(visibleBounds({ x, y, width: 1000, height: 700 }, [screen]), `${x}, ${y}`).toEqual(usual)
  }
})

test('sizes fit between the least and the display', () => {
  expect(visibleBounds({ x: 0, y: 0, width: 5000, height: 10 }, [screen])).toEqual({ x: 0, y: 0, width: 1920, height: 600 })
  expect(visibleBounds(null, [{ x: 0, y: 0, width: 800, height: 500 }])).toEqual({ x: 0, y: 0, width: 800, height: 500 })
})

test('the state is written when the window closes, and read again; a damaged file counts as none', async () => {
  const path = join(base, 'window.json')
  const window = Object.assign(new EventEmitter(), {
    getNormalBounds: () => ({ x: -5, y: 6, width: 1000, height: 700 }),
    isMaximized: () => true,
    isMinimized: () => false,
    isDestroyed: () => false,
  })
  keepWindowState(window, path)
  window.emit('close')
  await vi.waitFor(async () => expect(await readWindowState(path)).not.toBeNull())
  expect(await readWindowState(path)).toEqual({ bounds: { x: -5, y: 6, width: 1000, height: 700 }, isMaximized: true })
  await writeFile(path, '{"bounds": {"x": "left"}}')
  expect(await readWindowState(path)).toBeNull()
  expect(await readWindowState(join(base, 'missing.json'))).toBeNull()
})
