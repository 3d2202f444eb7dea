import { expect, test } from 'vitest'
import { type AdviceQuestion, adviceFor, type Finding } from './advice'
import { type EpochRecord, epochRecordSchema } from './metrics'
import { PRESET_CONFIGS } from './presets'
import { type RunConfig, runConfigSchema } from './run-config'

interface Point {
  train?: number
  val?: number
  trainLoss?: number
  valLoss?: number
  rate?: number
  stage?: number
}

function records(points: readonly Point[]): EpochRecord[] {
  return points.map(({ train = 0.95, val = 0.95, trainLoss = 0.2, valLoss = 0.2, rate = 1e-3, stage = 1 }, i) => ({
    ...epochRecordSchema.parse({ epoch: i + 1, stage, train_loss: 1, train_accuracy: train, val_loss: 1, val_accuracy: val, val_macro_f1: val, learning_rate: rate, seconds: 1, images_per_second: 1, memory_bytes: 1, is_best: true, confusion_matrix: [] }),
    // Set after the check, which would refuse what is not a number.
    train_loss: trainLoss,
    val_loss: valLoss,
  }))
}

const config = (given: Partial<RunConfig> = {}): RunConfig => runConfigSchema.parse(given)

function findings(points: readonly Point[], given: Partial<AdviceQuestion> = {}): Finding[] {
  const epochs = records(points)
  return adviceFor({ epochs, bestEpoch: epochs.length, config: config(), trainPictures: [200, 200], valPictures: 100, failure: null, ...given })
}
const found = (kind: Finding['kind'], ...question: Parameters<typeof findings>) => findings(...question).find((finding) => finding.kind === kind)

test.each([
  ['fine', 0.9, 0.8],
  ['mild', 0.95, 0.84],
  ['mild', 1, 0.8],
  ['significant', 0.95, 0.74],
  ['fine', 0.8, 0.95],
] as const)('a gap is %s between %f and %f: the bounds of guide B belong to the milder side', (severity, train, val) => {
  const finding = found('overfitting', [{ train, val }])
  expect(finding?.severity).toBe(severity)
  expect(finding?.headline).toContain(`${(train * 100).toFixed(1)} %`)
  expect(finding?.headline).toContain(`${(val * 100).toFixed(1)} %`)
})

test('the gap counts at the best epoch, and epochs after it are named', () => {
  const points = [{ train: 0.8, val: 0.78 }, { train: 0.95, val: 0.8 }, { train: 1, val: 0.7 }, { train: 1, val: 0.7 }, { train: 1, val: 0.7 }] // prettier-ignore
  const finding = found('overfitting', points, { bestEpoch: 2 })
  expect(finding).toMatchObject({ severity: 'mild', headline: expect.stringContaining('15.0 points apart') })
  expect(finding?.tries).toContain('fewer epochs: nothing was gained after epoch 2 of 5')
})

test('overfitting is answered with what the run does not have yet', () => {
  const overfit = [{ train: 1, val: 0.7 }]
  const tries = (given: Partial<RunConfig>) => found('overfitting', overfit, { config: config(given) })?.tries.join('; ') ?? ''
  expect(tries({})).toBe(
    'a higher freeze ratio than 0.7; more dropout; stronger augmentation (augmentation_policy: strong); more weight decay than 1e-4; more pictures: there are 400 training pictures of 2 classes',
  )
  const most = tries({ freeze: 'all', dropout: 0.8, augmentation_policy: 'strong', weight_decay: 0.1 })
  expect(most).toBe('more pictures: there are 400 training pictures of 2 classes')
  expect(tries({ augment: false, weight_decay: 0, early_stopping_patience: 0 })).toContain('augmentation, which is off; weight decay, which is 0; early stopping, which is off')
  expect(tries({ freeze_ratio: 1 })).not.toContain('freez')
  expect(tries({ weights: 'none' })).not.toContain('freez')
})

test('a network that cannot tell its training pictures apart underfits', () => {
  const low = found('underfitting', [{ train: 0.55, val: 0.52 }])
  expect(low).toMatchObject({ severity: 'significant', headline: expect.stringContaining('55.0 % right on them and 52.0 % on validation at epoch 1, where guessing gives 50.0 %') })
  expect(low?.tries.slice(0, 3)).toEqual(['more epochs than 1', 'a lower freeze ratio than 0.7', 'a larger network than efficientnet_lite0'])
  expect(found('underfitting', [{ train: 0.75, val: 0.74 }])?.severity).toBe('mild')
  // Of twelve classes, two in three right is much more than guessing.
  expect(found('underfitting', [{ train: 0.67, val: 0.66 }], { trainPictures: new Array<number>(12).fill(100) })).toBeUndefined()
  // Strong augmentation makes training pictures the harder ones.
  expect(found('underfitting', [{ train: 0.6, val: 0.95 }])).toBeUndefined()
  const unfrozen = found('underfitting', [{ train: 0.5, val: 0.5 }], { config: config({ freeze: 'none', backbone: 'resnet101' }) })
  expect(unfrozen?.tries.join()).not.toMatch(/freez|larger/)
  // The last of these stages trains everything already, and the one before freezes by name.
  const staged = found('underfitting', [{ train: 0.5, val: 0.5 }], { config: config(PRESET_CONFIGS['guide-c']) })
  expect(staged?.tries.join()).not.toMatch(/more layers|pretrained/)
  expect(found('underfitting', [{ train: 0.5, val: 0.5 }], { config: config({ weights: 'none' }) })?.tries[0]).toBe('a start from pretrained weights (weights: imagenet)')
})

test('a loss that still falls when the epochs are over asks for more of them, unless early stopping ended the run', () => {
  const falling = [0.5, 0.45, 0.4, 0.36, 0.32].map((valLoss) => ({ val: 0.9, valLoss, trainLoss: valLoss }))
  expect(found('underfitting', falling, { config: config({ epochs: 5 }) })).toMatchObject({ severity: 'mild', headline: expect.stringContaining('fell by 28.9 % over the last 3'), tries: ['more epochs than 5'] })
  expect(found('underfitting', falling, { config: config({ epochs: 15 }) })).toBeUndefined()
})

test('of stages the last one alone tells whether the loss still falls: where it ended early, or had no time to fall, nothing is said', () => {
  const stage = (name: string, epochs: number) => ({ name, epochs })
  const staged = (...epochs: number[]) => ({ config: config({ stages: epochs.map((count, i) => stage(`stage ${i + 1}`, count)) as unknown as RunConfig['stages'] }) })
  const points = (values: number[], of: number) => values.map((valLoss) => ({ val: 0.9, valLoss, trainLoss: valLoss, stage: of }))
  // The first stage ended early; the second went on to its end, falling.
  const second = [...points([0.9, 0.8], 1), ...points([0.5, 0.45, 0.4, 0.36], 2)]
  expect(found('underfitting', second, staged(10, 4))).toMatchObject({ headline: expect.stringContaining('fell by 28.0 % over the last 3') })
  expect(found('underfitting', second, staged(10, 5))).toBeUndefined()
  // From one stage to the next it fell by half, within the last one not at all.
  expect(found('underfitting', [...points([0.9, 0.8], 1), ...points([0.4, 0.4], 2)], staged(2, 2))).toBeUndefined()
})

test('a rising training loss is a rate too high; so is a swinging validation loss', () => {
  const rising = found('learning_rate_too_high', [{ trainLoss: 0.7 }, { trainLoss: 0.5 }, { trainLoss: 0.8 }, { trainLoss: 1.3 }].map((point) => ({ ...point, rate: 0.03, train: 0.6 })))
  expect(rising?.headline).toContain('rose, from 0.500 in epoch 2 to 1.300 in epoch 4, at a learning rate of 0.03')
  expect(rising?.tries).toEqual(['a learning rate of 0.01, a third of what it was', 'clipping gradients to a norm of 1 (gradient_clipping)', 'a warm-up of some hundred steps (warmup_steps)'])
  const swinging = found('learning_rate_too_high', [0.5, 0.9, 0.4, 0.8, 0.45, 0.9].map((valLoss) => ({ valLoss })))
  expect(swinging).toMatchObject({ severity: 'mild', headline: expect.stringContaining('swings') })
  expect(found('learning_rate_too_high', [0.9, 0.6, 0.5, 0.45, 0.46, 0.44].map((valLoss) => ({ valLoss, trainLoss: valLoss })))).toBeUndefined()
  // The next stage unfreezes: its loss starts above where the one before ended.
  const staged = [0.6, 0.3, 0.2, 0.5, 0.4, 0.3].map((trainLoss, i) => ({ trainLoss, train: 0.9, stage: i < 3 ? 1 : 2 }))
  expect(found('learning_rate_too_high', staged)).toBeUndefined()
})

test('a flat training loss is a rate too low, or one so high that nothing is learned', () => {
  const flat = (rate: number) => [0.695, 0.694, 0.693, 0.692].map((trainLoss) => ({ trainLoss, train: 0.52, val: 0.5, rate }))
  const low = found('learning_rate_too_low', flat(1e-6))
  expect(low?.headline).toContain('hardly moved, from 0.695 in epoch 1 to 0.692 in epoch 4, at a learning rate of 1e-6')
  expect(low?.tries[0]).toBe('a learning rate of 1e-5, ten times what it was')
  expect(found('learning_rate_too_high', flat(1e-6))).toBeUndefined()
  expect(found('learning_rate_too_high', flat(0.1))?.headline).toContain('so high that nothing is learned')
  expect(found('learning_rate_too_low', flat(0.1))).toBeUndefined()
  // Nothing left to learn is no fault.
  expect(found('learning_rate_too_low', [0.011, 0.0109, 0.0108].map((trainLoss) => ({ trainLoss, train: 1 })))).toBeUndefined()
})

test('a loss that is no number is told with the rate, and nothing is made of the epochs around it', () => {
  const all = findings([{ trainLoss: 0.6 }, { trainLoss: NaN, valLoss: NaN, rate: 0.1 }, { train: 1, val: 0.3 }])
  expect(all.map(({ kind }) => kind)).toEqual(['diverged'])
  expect(all[0]?.headline).toContain('no longer a number in epoch 2, at a learning rate of 0.1')
  expect(all[0]?.tries[0]).toBe('a learning rate of 0.01')
  const failed = adviceFor({ epochs: [], bestEpoch: null, config: config({ learning_rate: 1, gradient_clipping: 1 }), trainPictures: [99, 99], valPictures: 99, failure: { code: 'DIVERGED', message: '' } })
  expect(failed[0]).toMatchObject({ kind: 'diverged', headline: expect.stringContaining('in the first epoch') })
  expect(failed[0]?.tries.join()).not.toContain('clipping')
})

test('little data and unbalanced classes are told with their numbers', () => {
  const little = found('little_data', [{}], { trainPictures: [12, 60], valPictures: 12 })
  expect(little).toMatchObject({ severity: 'significant', headline: 'The smallest class has 12 training pictures, and there are 12 validation pictures, so that one more or less moves their accuracy by 8.3 points.' })
  expect(found('little_data', [{}], { trainPictures: [200, 200], valPictures: 12 })?.headline).toMatch(/^There are 12/)
  expect(found('little_data', [{}])).toBeUndefined()
  expect(found('unbalanced_classes', [{}], { trainPictures: [300, 100] })).toBeUndefined()
  expect(found('unbalanced_classes', [{}], { trainPictures: [500, 100] })?.headline).toContain('5.0 times as many')
  expect(found('unbalanced_classes', [{}], { trainPictures: [500, 100], config: config({ class_weights: 'balanced' }) })).toBeUndefined()
})

test('the gravest comes first, and a run without epochs has nothing said of it', () => {
  expect(findings([{ train: 1, val: 0.7 }], { trainPictures: [30, 30] }).map(({ severity }) => severity)).toEqual(['significant', 'mild'])
  expect(findings([])).toEqual([])
})
