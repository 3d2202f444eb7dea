import type { BrowserWindow } from 'electron'
import { afterEach, expect, test, vi } from 'vitest'
import type { RunRecord } from '../../shared/domain/run'
import { Broadcast } from '../services/broadcast'
import { exampleRecord } from '../storage/run-folder.examples'
import { showRuns } from './notifications'
import { awakeFor } from './power'
import * as fake from './testing/fake-electron'
import { createTray } from './tray'

vi.mock('electron', () => import('./testing/fake-electron'))

const end = new AbortController()
afterEach(() => end.abort())

test('the end of a run is told where nobody looks; tray and task bar say how far it is', async () => {
  const changes = new Broadcast<object>()
  let run: RunRecord = { ...exampleRecord(), run_id: 'a', name: 'moss', status: 'training', epochs_done: 3, epochs_planned: 12 }
  const live = (): RunRecord[] => (run.status === 'completed' ? [] : [run])
  const window = new fake.BrowserWindow({})
  const real = window as unknown as BrowserWindow
  const tray = createTray(real, '/assets', () => undefined)
  void showRuns({ changes: (signal) => changes.subscribe(signal), list: () => Promise.resolve({ runs: [run] }), liveRecords: live }, { window: () => real, tray: () => tray, signal: end.signal })
  const change = async (patch: Partial<RunRecord>): Promise<void> => {
    run = { ...run, ...patch }
    changes.publish({})
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  await change({})
  tray.show()
  expect(fake.Tray.shown[0]?.toolTip).toBe('moss: 3 of 12 epochs done')
  expect(window.progressBar).toBe(0.25)
  await change({ epochs_done: 6 })
  expect([fake.Tray.shown[0]?.toolTip, fake.Tray.shown[0]?.menu[0]?.label]).toEqual(['moss: 6 of 12 epochs done', 'moss: 6 of 12 epochs done'])
  await change({ status: 'paused' })
  expect([window.progressBar, fake.Tray.shown[0]?.toolTip]).toEqual([-1, 'moss is paused, 6 of 12 epochs done'])
  expect(awakeFor({ changes: () => changes.subscribe(), liveRecords: live }).liveCount()).toBe(0)

  await change({ status: 'completed', test_accuracy: 0.9 })
  expect(fake.Notification.shown.map(({ options }) => options)).toEqual([{ title: 'moss is done', body: '90.0 % of the test pictures are recognised.' }])
  fake.Notification.shown[0]?.emit('click')
  expect([window.isVisible, window.progressBar]).toEqual([true, -1])

  // Who looks at the window sees it there.
  window.isFocusedNow = true
  await change({ status: 'training' })
  await change({ status: 'failed' })
  expect(fake.Notification.shown).toHaveLength(1)
})
