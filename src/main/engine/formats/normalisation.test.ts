import { expect, test } from 'vitest'
import type { Vector } from './model-metadata'
import { usableNormalisation } from './normalisation'

const IMAGENET: [Vector, Vector] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]

test.each<[Vector, Vector]>([IMAGENET, [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]], [[0, 0, 0], [1, 1, 1]], [[0, 0, 0], [1 / 255, 1 / 255, 1 / 255]]])('%j %j are taken as they are', (mean, std) => {
  expect(usableNormalisation(mean, std, 'the file')).toEqual({ mean, std, note: null })
})

test('on a scale of 0 to 255 both are divided, which gives the same network’s input', () => {
  const { mean, std, note } = usableNormalisation([123.675, 116.28, 103.53], [58.395, 57.12, 57.375], 'the file')
  IMAGENET[0].forEach((value, i) => expect(mean[i]).toBeCloseTo(value, 12))
  IMAGENET[1].forEach((value, i) => expect(std[i]).toBeCloseTo(value, 12))
  expect(note).toContain('divided by 255')
  expect((0.3 - mean[0]) / std[0]).toBeCloseTo((0.3 * 255 - 123.675) / 58.395, 12)
})

test.each<[string, Vector, Vector]>([
  ['NaN', [NaN, 0.4, 0.4], IMAGENET[1]],
  ['infinity', IMAGENET[0], [Infinity, 1, 1]],
  ['a standard deviation of zero', IMAGENET[0], [0, 0.2, 0.2]],
  ['a negative one', IMAGENET[0], [-0.2, 0.2, 0.2]],
  ['two scales', [123.675, 116.28, 103.53], IMAGENET[1]],
])('%s is refused', (_, mean, std) => {
  expect(() => usableNormalisation(mean, std, 'model.pth')).toThrow(/Expected of model\.pth a mean/)
})
