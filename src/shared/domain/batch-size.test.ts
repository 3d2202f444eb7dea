import { expect, test } from 'vitest'
import { halvedBatch } from './batch-size'

test('a lack of memory halves the pass and keeps the step, until a pass is one picture', () => {
  const config = { batch_size: 12, accumulation_steps: 1, head: 'linear' } as const
  let resolved = halvedBatch(config, { device: 'cpu' })
  expect(resolved).toEqual({ device: 'cpu', batch_size: 6, step_size: 12, accumulation_steps: 2 })
  const seen: unknown[] = []
  while (resolved !== null) {
    seen.push([resolved['batch_size'], resolved['accumulation_steps']])
    resolved = halvedBatch(config, resolved)
  }
  expect(seen).toEqual([[6, 2], [3, 4], [2, 6], [1, 12]]) // prettier-ignore
})

test('what was gathered before stays the step; auto begins from the usual size', () => {
  expect(halvedBatch({ batch_size: 8, accumulation_steps: 4, head: 'mlp' }, {})).toMatchObject({ batch_size: 4, step_size: 32, accumulation_steps: 8 })
  expect(halvedBatch({ batch_size: 'auto', accumulation_steps: 1, head: 'linear' }, {})).toMatchObject({ batch_size: 16, step_size: 32 })
  expect(halvedBatch({ batch_size: 'auto', accumulation_steps: 1, head: 'linear' }, { batch_size: 64, step_size: 64 })).toMatchObject({ batch_size: 32, step_size: 64 })
})

test('a head that normalises over pictures is never given one alone', () => {
  const config = { batch_size: 3, accumulation_steps: 1, head: 'deep' } as const
  const halved = halvedBatch(config, {})
  expect(halved).toMatchObject({ batch_size: 2, step_size: 3 })
  expect(halvedBatch(config, halved ?? {})).toBeNull()
})
