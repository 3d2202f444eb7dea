import { expect, test } from 'vitest'
import { augmentationSchema } from '../../../shared/domain/run-config'
import { formulaPixels } from '../golden/formula'
import { PIXEL_OPERATIONS, type PixelOperationName } from './pixel-operations'
import { changePixels, drawPixelChanges } from './rand-augment'

const twice = augmentationSchema.parse({ rand_augment: 2, rand_augment_magnitude: 9 })
const keys = Array.from({ length: 7000 }, (_, i) => i * 7919 + 5)

test('changes depend on seed, picture and view alone, and more of them begin with the same', () => {
  const changes = drawPixelChanges(twice, 42, 17, 3, 224)
  expect(changes).toHaveLength(2)
  expect(drawPixelChanges(twice, 42, 17, 3, 224)).toEqual(changes)
  expect(drawPixelChanges({ ...twice, rand_augment: 5 }, 42, 17, 3, 224).slice(0, 2)).toEqual(changes)
  const others = [[43, 17, 3], [42, 18, 3], [42, 17, 4]].map(([seed = 0, key = 0, view = 0]) => drawPixelChanges({ ...twice, rand_augment: 6 }, seed, key, view, 224))
  for (const other of others) expect(other).not.toEqual(drawPixelChanges({ ...twice, rand_augment: 6 }, 42, 17, 3, 224))
})

test('every operation is as likely, and a signed amount as often negative', () => {
  const changes = keys.flatMap((key) => drawPixelChanges(twice, 1, key, 1, 224))
  const names = Object.keys(PIXEL_OPERATIONS) as PixelOperationName[]
  for (const name of names) {
    const share = changes.filter(({ operation }) => operation === name).length / changes.length
    expect(Math.abs(share - 1 / 14), name).toBeLessThan(5 * Math.sqrt(13 / 14 ** 2 / changes.length))
  }
  const signed = changes.filter(({ operation }) => PIXEL_OPERATIONS[operation].isSigned)
  expect(Math.abs(signed.filter(({ amount }) => amount < 0).length / signed.length - 0.5)).toBeLessThan(2.5 / Math.sqrt(signed.length))
  expect(changes.every(({ operation, amount }) => PIXEL_OPERATIONS[operation].isSigned || amount >= 0)).toBe(true)
})

test('changes are made one after the other, in their order', () => {
  const side = 20
  const changed = (...names: PixelOperationName[]) => {
    const pixels = formulaPixels(3, side * side * 3)
    changePixels(pixels, side, names.map((operation) => ({ operation, amount: PIXEL_OPERATIONS[operation].amount(20, side) })))
    return pixels
  }
  expect(changed('Posterize', 'Solarize')).not.toEqual(changed('Solarize', 'Posterize'))
  expect(changed()).toEqual(formulaPixels(3, side * side * 3))
})
