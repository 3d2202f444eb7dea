import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { augmentationSchema } from '../../shared/domain/augmentation'
import type { RunConfig } from '../../shared/domain/run-config'
import { stageSchema } from '../../shared/domain/stages'
import { NetworkSession } from '../engine/runtime/network-session'
import { Heads } from '../engine/train/heads'
import { randomWeights } from '../engine/train/initial-weights'
import { FeatureCache } from '../storage/feature-cache'
import { matrixConfig, noise, play, type Played, type PlayOptions, TINY } from './resume-matrix.examples'
import { compileRun, runNetwork } from './run-session'
import { viewsToCome } from './kept-features'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'graft-kept-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
})

/** A frozen backbone whose step still draws dropout, shuffles and averages; two views, so that the third epoch shows the first again. */
const FROZEN = matrixConfig({ freeze: 'all', augment: true, views: 2, augmentation: augmentationSchema.parse({ rotation: 20, brightness: 0.3 }), ema_decay: 0.9 })
const STAGED = matrixConfig({
  augment: true,
  views: 1,
  stages: [{ epochs: 2, freeze: 'all' }, { epochs: 1, freeze: 'ratio', freeze_ratio: 0.5 }, { epochs: 1, freeze: 'all' }].map((stage) => stageSchema.parse(stage)),
})

interface Told {
  readonly end: Played['end']
  readonly notes: string[]
  readonly warnings: string[]
  /** Pictures whose features were computed. */
  readonly computed: number
}

async function run(config: RunConfig, options: PlayOptions = {}, keeps = true): Promise<Told> {
  const notes: string[] = []
  const warnings: string[] = []
  let computed = 0
  let before = 0
  const { end } = await play(config, {
    ...(keeps && { featureCache: new FeatureCache(directory) }),
    onNote: (note) => notes.push(note),
    onWarning: (warning) => warnings.push(warning),
    onProgress: ({ phase, done, total }) => {
      if (phase === 'features') computed += done - before
      before = phase !== 'features' || done === total ? 0 : done
    },
    ...options,
  })
  return { end, notes, warnings, computed }
}

const files = () => readdirSync(directory).sort()

test('a run that finds its features ends bit for bit as one that computes them, and computes none', async () => {
  const without = await run(FROZEN, {}, false)
  expect(without.notes).toEqual([])
  const cold = await run(FROZEN)
  expect(cold.end).toEqual(without.end)
  expect([cold.computed, without.computed]).toEqual([27, 27])
  expect(cold.notes).toEqual(['Features of 17 pictures, 2 views of each to train on, are computed, and kept for the next run'])
  expect(files()).toHaveLength(3)
  const warm = await run(FROZEN)
  expect(warm.end).toEqual(cold.end)
  expect(warm.computed).toBe(0)
  expect(warm.notes).toEqual(['Features of 17 pictures, 2 views of each to train on, were kept before and are not computed again'])
  expect([...cold.warnings, ...warm.warnings]).toEqual([])
})

test('other heads, rates and epochs use the same features; another seed only the plain ones', async () => {
  await run(FROZEN)
  expect((await run({ ...FROZEN, learning_rate: 0.1, epochs: 2, batch_size: 3, dropout: 0 })).computed).toBe(0)
  // From the same weights: without them a seed draws others.
  const weights = randomWeights(runNetwork(FROZEN, 3, 1, TINY).network, FROZEN.seed)
  const other = await run({ ...FROZEN, seed: 3 }, { weights })
  expect(other.computed).toBe(20)
  expect(other.notes).toEqual(['Features of the 7 validation pictures were kept before and are not computed again; the others are'])
})

test('other weights, other pictures: nothing is shared', async () => {
  await run(FROZEN)
  expect((await run({ ...FROZEN, seed: 4 })).computed).toBe(27)
  expect((await run(FROZEN, { train: noise(9000, [0, 1, 2, 0]), val: noise(9100, [0, 1, 2]) })).computed).toBe(11)
})

test('every stage has features of its own; the next run finds those of all', async () => {
  const cold = await run(STAGED)
  expect(runNetwork(STAGED, 3, 2, TINY).cut).not.toBe('input')
  expect(cold.notes).toHaveLength(3)
  const warm = await run(STAGED)
  expect(warm.end).toEqual(cold.end)
  expect(warm.computed).toBe(0)
  expect(warm.notes.every((note) => note.endsWith('are not computed again'))).toBe(true)
})

test('what ONNX Runtime gave for the frozen part is kept as well, and is not mistaken for what the session gave', async () => {
  const bySession = await run(STAGED)
  const here = files().length
  const withRuntime = { prefixOpensFrom: 0 }
  const without = await run(STAGED, withRuntime, false)
  const cold = await run(STAGED, withRuntime)
  expect(cold.end).toEqual(without.end)
  expect(cold.computed).toBe(bySession.computed)
  expect(files()).toHaveLength(2 * here)
  const warm = await run(STAGED, withRuntime)
  expect(warm.end).toEqual(cold.end)
  expect(warm.computed).toBe(0)
})

test.each(['damaged', 'cut', 'empty'])('a file that is %s is computed again, and the run is the same', async (how) => {
  const cold = await run(FROZEN)
  const [name] = files()
  const path = join(directory, name!)
  const bytes = readFileSync(path)
  bytes[bytes.length - 9]! ^= 16
  writeFileSync(path, how === 'damaged' ? bytes : bytes.subarray(0, how === 'cut' ? bytes.length - 1 : 0))
  const cache = new FeatureCache(directory)
  const again = await run(FROZEN, { featureCache: cache })
  expect(again.end).toEqual(cold.end)
  expect([7, 10]).toContain(again.computed)
  expect(cache.damaged).toBe(1)
  expect(again.warnings).toEqual([])
  expect((await run(FROZEN)).computed).toBe(0)
})

test('a run that is stopped while features are computed leaves no half of them, and goes on to the same end', async () => {
  const cold = await run(FROZEN, { featureCache: new FeatureCache(join(directory, 'other')) })
  rmSync(join(directory, 'other'), { recursive: true })
  const cache = new FeatureCache(directory)
  let asked = 0
  const { stopped } = await play(FROZEN, { featureCache: cache, shouldEnd: () => ++asked === 5 })
  expect(files().every((name) => name.endsWith('.features'))).toBe(true)
  expect((await play(FROZEN, { featureCache: cache, from: stopped })).end).toEqual(cold.end)
})

test('two runs at once over one folder end as they would alone', async () => {
  const alone = await run(FROZEN, { featureCache: new FeatureCache(join(directory, 'other')) })
  rmSync(join(directory, 'other'), { recursive: true })
  const both = await Promise.all([run(FROZEN), run(FROZEN)])
  for (const { end } of both) expect(end).toEqual(alone.end)
  expect(files()).toHaveLength(3)
})

test('what cannot be kept is said once, and the run goes on', async () => {
  const cold = await run(FROZEN)
  writeFileSync(join(directory, 'file'), '')
  const refused = await run(FROZEN, { featureCache: new FeatureCache(join(directory, 'file')) })
  expect(refused.end).toEqual(cold.end)
  expect(refused.warnings).toEqual([expect.stringMatching(/^Features are not kept for later runs/)])
  const small = await run(FROZEN, { featureCache: new FeatureCache(join(directory, 'small'), { maximumBytes: 800 }) })
  expect(small.end).toEqual(cold.end)
  expect(small.warnings).toEqual([expect.stringMatching(/^Not all features are kept/)])
})

test('features whose file can be read no more while they are computed are computed again', async () => {
  const source = noise(7000, Array.from({ length: 40 }, (_, i) => i % 3))
  const network = runNetwork(FROZEN, 3, 1, TINY)
  const session = new NetworkSession(compileRun(network, FROZEN, { accumulates: false, precision: 'float32' }))
  session.load(randomWeights(network.network, FROZEN.seed))
  // A network's disk whose server has forgotten the file: no such disk is here.
  const forgotten = { write: (first: number) => first < 32, read: () => { throw new Error('stale file handle') }, publish: () => undefined, close: () => undefined } // prettier-ignore
  const rows: Float32Array[] = []
  for (const kept of [undefined, { count: 40, open: () => null, create: () => forgotten }]) {
    const heads = new Heads(source, { session, network: network.network, cut: network.cut, config: FROZEN, featureBudgetBytes: 0, featureDirectory: directory, kept })
    const told: number[] = []
    await heads.prepare(0, async (done) => void told.push(done))
    expect(told).toEqual(kept === undefined ? [16, 32, 40] : [16, 32, 16, 32, 40])
    const { feed } = await heads.batch([39, 0, 17], 0)
    if (!('id' in feed) && feed.data instanceof Float32Array) rows.push(feed.data)
    heads.close()
  }
  session.close()
  expect(rows).toHaveLength(2)
  expect(rows[1]).toEqual(rows[0])
})

test('the views to come: each once, those that were shown left out, a stage’s own', () => {
  const ofStage = (views: number, epochs: number) => ({ views, stage: { ...runNetwork(FROZEN, 3, 1, TINY).stage, epochs } })
  expect(viewsToCome(ofStage(0, 5), { epoch: 0, stageEpoch: 0 })).toEqual([0])
  expect(viewsToCome(ofStage(2, 5), { epoch: 0, stageEpoch: 0 })).toEqual([1, 2])
  expect(viewsToCome(ofStage(4, 4), { epoch: 2, stageEpoch: 2 })).toEqual([3, 4])
  expect(viewsToCome(ofStage(2, 5), { epoch: 10, stageEpoch: 0 })).toEqual([11, 12])
})
