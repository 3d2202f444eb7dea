import { expect, test } from 'vitest'
import { runConfigSchema } from '../../shared/domain/run-config'
import { stageSchema } from '../../shared/domain/stages'
import { TimeLeft } from './time-left'

test('when a stage ends early the time of its other epochs is no longer counted', () => {
  const stages = [stageSchema.parse({ epochs: 50, freeze: 'none' }), stageSchema.parse({ epochs: 2, freeze: 'none' })]
  const timeLeft = new TimeLeft(runConfigSchema.parse({ stages, epochs: 52, augment: false }), { stage: 1, stageEpoch: 0 })
  timeLeft.epochDone({ stage: 1, stageEpoch: 2 })
  const before = timeLeft.seconds ?? 0
  timeLeft.stageBegun({ stage: 2, stageEpoch: 0 })
  // Two epochs of the same cost are left, of the fifty that were.
  expect(timeLeft.seconds).toBeCloseTo((before / 50) * 2, 9)
})
