/** What the desktop shows of runs outside the window: a notification at their end, the task bar, the words of the tray. */
import { Notification } from 'electron'
import type { BrowserWindow } from 'electron'
import { isLive, type RunRecord } from '../../shared/domain/run'
import { type RunNews, RunNewsWatch, shareDone } from '../../shared/domain/run-news'
import type { BackgroundSign } from './tray'
import { bringBack } from './window'

/** The part of `RunsService` that is used. */
export interface ShownRuns {
  changes(signal?: AbortSignal): AsyncIterable<unknown>
  list(): Promise<{ runs: RunRecord[] }>
  liveRecords(): RunRecord[]
}

export type ShownWindow = Pick<BrowserWindow, 'isFocused' | 'isDestroyed' | 'setProgressBar' | 'isMinimized' | 'restore' | 'show' | 'focus'>

/** Shown notifications are held until they are gone: one that nobody holds is collected, and its click is not heard. */
const shown = new Set<Notification>()

/** Follows the runs until the signal aborts or there are no more changes. */
export async function showRuns(runs: ShownRuns, { window, tray, signal }: { window: () => ShownWindow | null; tray: () => Pick<BackgroundSign, 'tell'> | null; signal: AbortSignal }): Promise<void> {
  const watch = new RunNewsWatch()
  const look = async (): Promise<void> => {
    const news = watch.take((await runs.list()).runs)
    const here = window()
    const isSeen = here !== null && !here.isDestroyed() && here.isFocused()
    if (!isSeen) for (const one of news) tell(one, () => here !== null && !here.isDestroyed() && bringBack(here))
    const live = runs.liveRecords()
    tray()?.tell(signWords(live))
    if (here !== null && !here.isDestroyed()) here.setProgressBar(barShare(live))
  }
  // A list that cannot be read just now is read at the next change.
  await look().catch(() => undefined)
  for await (const _ of runs.changes(signal)) await look().catch(() => undefined)
}

function tell({ title, body }: RunNews, open: () => void): void {
  if (!Notification.isSupported()) return
  const notification = new Notification({ title, body })
  shown.add(notification)
  notification.on('click', open)
  notification.on('close', () => shown.delete(notification))
  notification.show()
}

const atWork = (live: readonly RunRecord[]): RunRecord | undefined => live.find(({ status }) => isLive(status) && status !== 'waiting')

/** `moss: 3 of 12 epochs`, for the sign of the program while it works without a window. */
export function signWords(live: readonly RunRecord[]): string {
  const run = atWork(live)
  if (run === undefined) return live.length === 0 ? 'Graft: nothing is at work' : 'Graft waits for the machine'
  const { name, status, epochs_done: done, epochs_planned: planned } = run
  return status === 'paused' ? `${name} is paused, ${done} of ${planned} epochs done` : `${name}: ${done} of ${planned} epochs done`
}

/** For the task bar: below 0 for none, above 1 for one that only moves. */
function barShare(live: readonly RunRecord[]): number {
  const run = atWork(live)
  if (run === undefined || run.status === 'paused') return -1
  return run.status === 'preparing' ? 2 : (shareDone(run) ?? 2)
}
