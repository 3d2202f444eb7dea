/** Files made by PyTorch and safetensors themselves (scripts/golden/make-formats.py), and the starter weights when present. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPytorch } from './pytorch'
import type { TensorMap } from './tensor-map'
import { readWeights } from './weights-file'

type Expected = Record<string, Record<string, { shape: number[]; values: string[] }>>

function golden(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`./goldens/${name}`, import.meta.url)))
}

function fromPython(text: string): number {
  return Math.fround(text === 'inf' ? Infinity : text === '-inf' ? -Infinity : Number(text))
}

const expected = JSON.parse(new TextDecoder().decode(golden('expected.json'))) as Expected

test.each(Object.keys(expected))('%s gives the tensors that PyTorch reads', (fileName) => {
  const tensors: TensorMap = readWeights(golden(fileName), fileName)
  const wanted = expected[fileName] ?? {}
  if (fileName.endsWith('.pth')) expect([...tensors.keys()]).toEqual(Object.keys(wanted))
  else expect([...tensors.keys()].sort()).toEqual(Object.keys(wanted).sort())
  for (const [name, { shape, values }] of Object.entries(wanted)) {
    expect(tensors.get(name)?.shape, name).toEqual(shape)
    expect([...(tensors.get(name)?.data ?? [])], name).toEqual(values.map(fromPython))
  }
})

test('what was unwrapped is told', () => {
  expect(readPytorch(golden('nested-zip.pth'))).toMatchObject({ format: 'zip', path: ['state_dict'], prefix: 'module.' })
  expect(readPytorch(golden('plain-legacy.pth'))).toMatchObject({ format: 'legacy', path: [], prefix: '' })
})

test('a whole model is refused by the names of its classes, with how to save the weights alone', () => {
  expect(() => readPytorch(golden('whole-model-zip.pth'))).toThrow(
    expect.objectContaining({ code: 'REFUSED', message: expect.stringContaining('torch.nn.modules.container.Sequential'), action: expect.stringContaining('model.state_dict()') }),
  )
})

const cache = process.env['GRAFT_CACHE_DIR'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'graft')
const starter = join(cache, 'weights', 'efficientnet_lite0-57934424.pth')
if (!existsSync(starter)) console.warn(`SKIPPED: the starter weights are not at ${starter}; the set-up puts them there.`)

test.skipIf(!existsSync(starter))('the starter weights are read: 296 tensors, each the one that torch.load gives', () => {
  const tensors = readWeights(new Uint8Array(readFileSync(starter)), starter)
  expect(tensors.size).toBe(296)
  expect(tensors.get('_conv_stem.weight')?.shape).toEqual([32, 3, 3, 3])
  expect(tensors.get('_bn0.num_batches_tracked')?.shape).toEqual([])
  // The digest over names, shapes and float32 values was made in Python from torch.load of the same file.
  const digest = createHash('sha256')
  for (const [name, { shape, data }] of tensors) digest.update(`${name}:${shape.join(',')}\n`).update(new Uint8Array(data.buffer))
  expect(digest.digest('hex')).toBe('af7ed6f9f5c50c43027a9686a9fe9a1007ebaccb6e27dcaedba046105c8a2ac4')
})
