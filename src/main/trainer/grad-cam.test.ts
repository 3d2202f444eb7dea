import { expect, test } from 'vitest'
import type { FeatureRows } from '../engine/train/nearness'
import { gradCam, meansOf } from './grad-cam'

/** Two channels of 2×2: the first bright at the top left, the second everywhere. */
const map = { channels: 2, height: 2, width: 2, values: Float32Array.from([4, 0, 0, 0, 1, 1, 1, 1]) }
const head = (weights: number[][]) => ({ count, width, values }: FeatureRows) =>
  Promise.resolve(Array.from({ length: count }, (_, row) => Float32Array.from(weights, (of) => of.reduce((sum, weight, i) => sum + weight * (values[row * width + i] ?? 0), 0))))

test('means are of each channel', () => {
  expect([...meansOf(map, 1)]).toEqual([1, 1])
})

test('with a linear head it is the class activation map: the weights over the channels, negative parts left out, divided by the largest', async () => {
  const logits = head([[0.5, 0], [-1, 2], [-1, -1]])
  expect(await gradCam(map, 0, logits)).toEqual({ classIndex: 0, height: 2, width: 2, values: [1, 0, 0, 0], isSpokenFor: true })
  // 2·1 − 1·4 at the top left, 2·1 elsewhere.
  expect((await gradCam(map, 1, logits)).values).toEqual([0, 1, 1, 1])
  expect(await gradCam(map, 2, logits)).toMatchObject({ values: [0, 0, 0, 0], isSpokenFor: false })
})
