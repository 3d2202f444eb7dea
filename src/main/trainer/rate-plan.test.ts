/** The plan is held against the trainer's own schedules and parameter groups, which it may not import. */
import { describe, expect, test } from 'vitest'
import { PRESET_CONFIGS, PRESETS } from '../../shared/domain/presets'
import { backboneChildren, planRates, ratePoints, ratesOfEpoch, shareOf, stepsPerEpoch } from '../../shared/domain/rate-plan'
import { DEFAULT_RUN_CONFIG, type RunConfig, runConfigSchema } from '../../shared/domain/run-config'
import { plannedStages } from '../../shared/domain/stages'
import { parameterGroups } from '../engine/train/parameter-groups'
import { initialSchedule, SCHEDULES, warmUpFactor } from '../engine/train/schedules'
import { freezePlan } from '../engine/zoo/freeze-plan'
import { BACKBONES } from '../engine/zoo/registry'
import { runNetwork } from './run-session'

const CLASSES = 3

function childrenOf(config: RunConfig) {
  return ({ freeze, freeze_ratio }: Pick<RunConfig, 'freeze' | 'freeze_ratio'>) =>
    backboneChildren(freezePlan({ backbone: config.backbone, head: config.head, freeze, freeze_ratio, classes: CLASSES, imageSize: 64, batchSize: 8, optimizer: config.optimizer }))
}

/** What the trainer would train every epoch with, by group: the metrics gain all along, so that no plateau is met. */
function trained(config: RunConfig): Record<string, number>[] {
  return plannedStages(config).flatMap((stage) => {
    const { groups } = runNetwork({ ...config, image_size: 64 }, CLASSES, stage.index)
    const settings = { ...stage, baseRates: groups.baseRates }
    let state = initialSchedule(settings)
    return Array.from({ length: stage.epochs }, (_, done) => {
      const rates = Object.fromEntries(groups.names.map((name, i) => [name, state.learningRates[i] ?? NaN]))
      const gain = (done + 1) / 100
      state = SCHEDULES[stage.scheduler].next(state, settings, done + 1, { val_accuracy: gain, val_macro_f1: gain, val_loss: 1 - gain })
      return rates
    })
  })
}

function planned(config: RunConfig): Record<string, number>[] {
  const plan = planRates(config, 10, childrenOf(config))
  const epochs = plan.reduce((sum, { stage }) => sum + stage.epochs, 0)
  return Array.from({ length: epochs }, (_, done) => Object.fromEntries((ratesOfEpoch(plan, done + 1)?.groups ?? []).map(({ name, rate }) => [name, rate])))
}

function expectSame(config: RunConfig): void {
  const ours = planned(config)
  const theirs = trained(config)
  expect(ours).toHaveLength(theirs.length)
  ours.forEach((rates, index) => {
    const engine = theirs[index] ?? {}
    expect(Object.keys(rates).sort(), `groups of epoch ${index + 1}`).toEqual(Object.keys(engine).sort())
    for (const [name, rate] of Object.entries(rates)) expect(Math.abs(rate - (engine[name] ?? NaN)), `epoch ${index + 1}, ${name}`).toBeLessThanOrEqual(1e-15)
  })
}

describe('the rates of every epoch are the trainer’s', () => {
  test.each(PRESETS)('preset %s', (preset) => {
    expectSame({ ...DEFAULT_RUN_CONFIG, ...PRESET_CONFIGS[preset] })
  })

  test.each(BACKBONES.map(({ name }) => name))('%s, by depth in stages of their own schedules', (backbone) => {
    expectSame(
      runConfigSchema.parse({
        backbone,
        stages: [
          { epochs: 2, freeze: 'all', learning_rate: 1e-3, backbone_learning_rate: 1e-5, scheduler: 'none' },
          { epochs: 7, freeze: 'stage', learning_rate: 1e-3, layer_decay: 0.6, scheduler: 'cosine', minimum_learning_rate: 1e-6, optimizer_state: 'carry' },
          { epochs: 8, freeze: 'none', learning_rate: 3e-4, backbone_learning_rate: 1e-4, layer_decay: 0.8, scheduler: 'step', scheduler_step_size: 3, scheduler_gamma: 0.1, minimum_learning_rate: 1e-6, optimizer_state: 'carry' },
          { epochs: 3, freeze: 'ratio', freeze_ratio: 0.5, learning_rate: 1e-4, scheduler: 'plateau' },
        ],
      }),
    )
  })

  test('the groups are those of the network, whatever is frozen', () => {
    const config: RunConfig = { ...DEFAULT_RUN_CONFIG, backbone: 'resnet18', layer_decay: 0.5, freeze: ['layer2', 'conv1'] }
    const [stage] = plannedStages(config)
    if (stage === undefined) throw new Error('no stage')
    const run = runNetwork({ ...config, image_size: 64 }, CLASSES)
    const engine = parameterGroups({ network: run.network, trained: [run.trained], stages: [stage], stage })
    const [first] = planRates(config, 10, childrenOf(config))
    expect(first?.groups.map(({ name }) => name).sort()).toEqual([...new Set(engine.names)].sort())
  })
})

describe('what is not yet known', () => {
  test('a plateau is drawn level and says what it waits for', () => {
    const [stage] = planRates({ ...DEFAULT_RUN_CONFIG, epochs: 6 }, 10, () => null)
    expect(stage?.fallsOn).toEqual({ metric: 'val_loss', patience: 3, factor: 0.5 })
    expect(new Set(stage?.groups[0]?.rates)).toEqual(new Set([5e-4]))
  })

  test('the earliest end of a stage is a gain in its first epoch and none after', () => {
    const stages = [{ epochs: 4 }, { epochs: 10, early_stopping_patience: 2 }, { epochs: 10, early_stopping_patience: 0 }, { epochs: 3, early_stopping_patience: 2 }]
    const plan = planRates(runConfigSchema.parse({ stages }), 10, () => null)
    expect(plan.map(({ earliestEnd }) => earliestEnd)).toEqual([null, 7, null, null])
  })

  test('before the network is known a backbone that may train counts as one group', () => {
    const config = runConfigSchema.parse({ backbone_learning_rate: 1e-5, stages: [{ epochs: 1, freeze: 'all' }, { epochs: 1, freeze: 'none' }] })
    expect(planRates(config, 10, () => null).map(({ groups }) => groups.map(({ name }) => name))).toEqual([['head'], ['head', 'backbone']])
  })
})

test('a warm-up rises step by step as the trainer’s does, over as many epochs as it takes', () => {
  const steps = stepsPerEpoch(105, 8, 2)
  expect(steps).toBe(7)
  const config: RunConfig = { ...DEFAULT_RUN_CONFIG, epochs: 4, learning_rate: 1e-3, warmup_steps: 10, scheduler: 'none' }
  const [stage] = planRates(config, steps, () => null)
  if (stage?.groups[0] === undefined) throw new Error('no stage')
  const points = ratePoints(stage, stage.groups[0])
  for (let step = 1; step <= 10; step++) {
    const at = points.findLast(({ x }) => Math.abs(x - (step - 1) / steps) < 1e-9)
    expect(at?.y, `step ${step}`).toBeCloseTo(1e-3 * warmUpFactor(step, 10), 12)
  }
  expect(points.at(-1)).toEqual({ x: 4, y: 1e-3 })
  expect(points.filter(({ x }) => x > 11 / steps).every(({ y }) => y === 1e-3)).toBe(true)
})

test('the frozen share is that of the backbone’s layers', () => {
  expect(shareOf({ frozenLayers: 34, layers: 49 })).toBeCloseTo(34 / 49)
  expect(shareOf({ frozenLayers: 0, layers: 0 })).toBe(0)
})
