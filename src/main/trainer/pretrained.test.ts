import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type RunConfig, runConfigSchema } from '../../shared/domain/run-config'
import { writeSafetensors } from '../engine/formats/safetensors'
import type { TensorMap } from '../engine/formats/tensor-map'
import { formulaWeights } from '../engine/golden/formula'
import { buildNetwork, findBackbone } from '../engine/zoo/registry'
import { modelFileFailure } from './model-file'
import { startingWeights } from './pretrained'

const folder = await mkdtemp(join(tmpdir(), 'graft-pretrained-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const backbone = findBackbone('mobilenet_v3_small')
const network = buildNetwork(backbone, { classes: 2, head: 'linear', dropout: null })
const tensors: TensorMap = formulaWeights(network, 1)

async function saved(name: string, header: Record<string, string>, of = tensors): Promise<string> {
  const path = join(folder, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, writeSafetensors(of, header))
  return path
}

function start(weights: string) {
  const config: RunConfig = runConfigSchema.parse({ backbone: 'mobilenet_v3_small', head: 'linear', weights })
  return startingWeights(backbone, network, config, ['ant', 'bee'])
}

test('a head is trained on where its classes are the same, in the same order', async () => {
  const same = await start(await saved('same.safetensors', { classes: '["ant","bee"]' }))
  expect(same.headKept).toBe(true)
  expect(same.weights.get('classifier.3.bias')?.data).toEqual(tensors.get('classifier.3.bias')?.data)
  expect(same.notes.join()).toContain('fits these classes and is trained on')
  const turned = await start(await saved('turned.safetensors', { classes: '["bee","ant"]' }))
  expect(turned.headKept).toBe(false)
  expect(turned.notes.join()).toContain('is for bee, ant, so a fresh one')
})

test('where nothing says which classes it is for, it starts fresh, and how to say it is told', async () => {
  const { headKept, notes, weights } = await start(await saved('nameless.safetensors', {}))
  expect(headKept).toBe(false)
  expect(notes.join()).toMatch(/as many outputs as there are classes; for which classes is not known.*--labels/)
  expect(weights.get('features.0.0.weight')?.data).toEqual(tensors.get('features.0.0.weight')?.data)
})

test('labels.txt and model_info.json beside the file say which classes it is for', async () => {
  const path = await saved('export/model.safetensors', {})
  await writeFile(join(folder, 'export', 'labels.txt'), 'ant\nbee\n')
  expect((await start(path)).headKept).toBe(true)
  const info = { backbone: backbone.name, num_classes: 2, image_size: 64, best_val_acc: 1, best_epoch: 1, labels: ['bee', 'ant'] }
  await writeFile(join(folder, 'export', 'model_info.json'), JSON.stringify(info))
  expect((await start(path)).headKept).toBe(false)
  // Another backbone's file is another model's.
  await writeFile(join(folder, 'export', 'model_info.json'), JSON.stringify({ ...info, backbone: 'resnet18' }))
  expect((await start(path)).headKept).toBe(true)
})

test('another normalisation than the backbone’s is told with both', async () => {
  const { notes } = await start(await saved('other.safetensors', { mean: '[0.5,0.5,0.5]', std: '[0.25,0.25,0.25]' }))
  expect(notes.join()).toMatch(/normalised by mean \(0\.5, 0\.5, 0\.5\).*own, mean \(0\.485, 0\.456, 0\.406\)/)
  expect((await start(await saved('usual.safetensors', { mean: '[0.485,0.456,0.406]', std: '[0.229,0.224,0.225]' }))).notes.join()).not.toContain('normalised by')
})

test('a wrapper’s prefix is taken off', async () => {
  const wrapped = new Map([...tensors].map(([name, tensor]) => [`net.${name}`, tensor]))
  const { headKept, notes } = await start(await saved('wrapped.safetensors', { classes: '["ant","bee"]' }, wrapped))
  expect(headKept).toBe(true)
  expect(notes.join()).toContain('"net." was taken off')
})

test('what cannot be read is said in words', async () => {
  await expect(start(folder)).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('is a folder') as unknown })
  await expect(start(join(folder, 'none.pth'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(modelFileFailure(Object.assign(new Error('x'), { code: 'EACCES' }), '/a/b.pth')).toMatchObject({ code: 'UNREADABLE', message: '/a/b.pth may not be read.' })
})
