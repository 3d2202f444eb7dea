/** `profile`: a run's training step taken apart, in a process and on weights of its own. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Cancelled } from '../../../shared/domain/error'
import { loadTensorFlow } from '../../engine/runtime/tensorflow'
import { RunFolder } from '../../storage/run-folder'
import type { Job, ProfiledPart } from '../messages'
import { measureLayers } from '../profile/layer-times'
import { openProfiledStep, type ProfiledStep } from '../profile/profiled-step'
import { type JobContext, yieldToMessages } from './context'

/** A step that takes longer is listened to once only. */
const SLOW_MS = 1000
const LISTENED_STEPS = 3
/** Longer than two clocks of a process are apart. */
const PAUSE_MS = 50

/** @throws GraftError CONFLICT where the run has no checkpoint */
export async function runProfileJob({ runDirectory, part }: Extract<Job, { kind: 'profile' }>, context: JobContext): Promise<ProfiledPart> {
  const { signal } = context.control
  loadTensorFlow()
  const folder = await RunFolder.open(runDirectory)
  const step = await openProfiledStep(folder)
  const breathe = async (): Promise<void> => {
    await yieldToMessages()
    if (signal.aborted) throw new Cancelled()
  }
  try {
    if (part === 'primitives') return await listen(step, breathe)
    const onProgress = (done: number, total: number): void => {
      context.progress('Timing the layers of a step', done, total)
    }
    return { part, layers: await measureLayers(step, step.run.stage.index, { onProgress, breathe }) }
  } finally {
    step.close()
  }
}

async function listen(step: ProfiledStep, breathe: () => Promise<void>): Promise<ProfiledPart> {
  // The first compiles and makes oneDNN prepare its primitives.
  step.stepMs()
  const steps = step.stepMs() > SLOW_MS ? 1 : LISTENED_STEPS
  await sleep(PAUSE_MS)
  const fromMs = Date.now()
  await sleep(PAUSE_MS)
  let totalMs = 0
  for (let i = 0; i < steps; i++) {
    await breathe()
    totalMs += step.stepMs()
  }
  await sleep(PAUSE_MS)
  const toMs = Date.now()
  return { part: 'primitives', listened: { fromMs, toMs, steps, allSteps: 2 + steps, stepMs: totalMs / steps } }
}
