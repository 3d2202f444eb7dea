import { afterAll, expect, test } from 'vitest'
import { checkpointStateSchema } from '../../shared/domain/run'
import type { RunConfig } from '../../shared/domain/run-config'
import { stageSchema } from '../../shared/domain/stages'
import { readSafetensors } from '../engine/formats/safetensors'
import { readGolden } from '../engine/golden/compare'
import { formulaWeights } from '../engine/golden/formula'
import type { Backbone } from '../engine/zoo/backbone'
import { CLASSES, type Kept, matrixConfig, noise, play, TINY } from './resume-matrix.examples'
import { runNetwork } from './run-session'

interface StagesCase extends Partial<Pick<RunConfig, 'optimizer' | 'weight_decay' | 'gradient_clipping' | 'momentum' | 'frozen_batch_norm' | 'monitor'>> {
  name: string
  stages: Parameters<typeof stageSchema.parse>[0][]
  expected: { stage: number; train_loss: number; val_loss: number; learning_rates: Record<string, number>; is_best: boolean }[]
  final: Record<string, number[]>
}
/** Trainings of a plain PyTorch script in float64; made by scripts/golden/make-stages.py. */
const golden = readGolden<{ train: number[]; val: number[]; cases: StagesCase[] }>('stages.json')
const seen: Record<string, { losses: number; weights: number }> = {}

/** Nothing random; the whole set is one batch, so that its order does not matter. */
const PLAIN: Backbone = { ...TINY, dropout: 0, stochasticDepth: 0 }
const stateOf = ({ latest }: Kept) => checkpointStateSchema.parse(JSON.parse(latest.state))
const tensorsOf = ({ latest }: Kept) => readSafetensors(latest.weights).tensors

function configOf({ name: _name, expected: _expected, final: _final, stages, ...given }: StagesCase): RunConfig {
  return matrixConfig({ ...given, batch_size: golden.train.length, checkpoint_minutes: 60, minimum_learning_rate: 0, stages: stages.map((stage) => stageSchema.parse(stage)) })
}

async function playCase(golden_: StagesCase) {
  const config = configOf(golden_)
  const weights = formulaWeights(runNetwork(config, CLASSES.length, 1, PLAIN).network)
  const played = await play(config, { backbone: PLAIN, train: noise(7200, golden.train), val: noise(7300, golden.val), weights })
  return { ...played, weights, last: played.cuts.at(-1)! }
}

test.each(golden.cases)('$name: every epoch is a PyTorch script’s', async (expected) => {
  const { last } = await playCase(expected)
  const { history } = stateOf(last)
  expect(history).toHaveLength(expected.expected.length)
  const figures = { losses: 0, weights: 0 }
  for (const [i, theirs] of expected.expected.entries()) {
    const ours = history[i]!
    expect({ stage: ours.stage, is_best: ours.is_best }, `epoch ${i + 1}`).toEqual({ stage: theirs.stage, is_best: theirs.is_best })
    figures.losses = Math.max(figures.losses, Math.abs(ours.train_loss - theirs.train_loss), Math.abs(ours.val_loss - theirs.val_loss))
    for (const [group, rate] of Object.entries(theirs.learning_rates)) {
      expect(Math.abs((ours.learning_rates[group] ?? ours.learning_rates['all'] ?? NaN) - rate), `epoch ${i + 1}: ${group}`).toBeLessThan(1e-12)
    }
  }
  const tensors = tensorsOf(last)
  for (const [name, values] of Object.entries(expected.final)) {
    const ours = tensors.get(name)!.data
    expect(ours).toHaveLength(values.length)
    values.forEach((value, i) => {
      figures.weights = Math.max(figures.weights, Math.abs(value - (ours[i] ?? NaN)))
    })
  }
  seen[expected.name] = figures
  expect(figures.losses).toBeLessThan(1e-5)
  expect(figures.weights).toBeLessThan(1e-5)
})

test('what is frozen in a stage comes out of it bit for bit as it went in; with update only running statistics move', async () => {
  for (const each of golden.cases) {
    const { cuts, weights } = await playCase(each)
    const first = tensorsOf(cuts.findLast((cut) => stateOf(cut).stage === 1)!)
    const config = configOf(each)
    const { trained, batchNormalised, network } = runNetwork(config, CLASSES.length, 1, PLAIN)
    const frozen = network.layers.filter(({ name }) => !trained.has(name)).map(({ name }) => `${name}.`)
    let unmoved = 0
    for (const [name, { data }] of first) {
      if (!frozen.some((layer) => name.startsWith(layer))) continue
      const follows = name.includes('running') && batchNormalised.has(name.slice(0, name.lastIndexOf('.')))
      const before = weights.get(name)!.data
      if (follows) expect(data, name).not.toEqual(before)
      else expect(data, name).toEqual(before)
      unmoved++
    }
    expect(unmoved).toBeGreaterThan(5)
  }
})

test('a stage begins with counters of its own, and keeps the best', async () => {
  const each = golden.cases.find(({ name }) => name.startsWith('AdamW'))!
  const { cuts } = await playCase(each)
  const states = cuts.map(stateOf)
  for (const stage of [2, 3]) {
    const before = states.findLast((state) => state.stage === stage - 1)!
    const begun = states.find((state) => state.stage === stage)!
    expect(begun).toMatchObject({
      epoch: before.epoch,
      step: before.step,
      stage_epoch: 0,
      stage_starts: [...before.stage_starts, before.step],
      plateau: { best: null, bad_epochs: 0 },
      early_stopping: { best: null, epochs_without_gain: 0 },
      best_epoch: before.best_epoch,
      best_metric: before.best_metric,
      position: null,
    })
    expect(before.best_epoch).not.toBeNull()
  }
})

afterAll(() => {
  console.info('Stages against PyTorch, largest differences:', seen)
})
