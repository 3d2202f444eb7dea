/** The mixtures of settings that the resume matrix cuts: twelve ways to train, each with every optimizer; schedules, augmentations and precisions are dealt over them. */
import { policy } from '../../shared/domain/augmentation'
import type { ComputePrecision, RunConfig } from '../../shared/domain/run-config'
import { stageSchema } from '../../shared/domain/stages'
import { matrixConfig } from './resume-matrix.examples'

export interface Mixture {
  readonly name: string
  readonly optimizer: string
  readonly schedule: string
  readonly augmentation: string
  readonly way: string
  readonly precision: ComputePrecision
  readonly config: RunConfig
  /** One of a dozen that hold each way, optimizer, schedule, augmentation and precision. */
  readonly isQuick: boolean
}

type Part = Partial<RunConfig>

const OPTIMIZERS: readonly (readonly [string, Part])[] = [
  ['SGD with momentum', { optimizer: 'sgd', momentum: 0.9, learning_rate: 0.03 }],
  ['Adam', { optimizer: 'adam' }],
  ['AdamW', { optimizer: 'adamw', weight_decay: 0.05 }],
  ['SGD with Nesterov’s momentum', { optimizer: 'sgd', momentum: 0.8, nesterov: true, learning_rate: 0.03 }],
]

const SCHEDULES: readonly (readonly [string, Part])[] = [
  ['no schedule', { scheduler: 'none' }],
  ['cosine', { scheduler: 'cosine', minimum_learning_rate: 1e-4 }],
  ['steps', { scheduler: 'step', scheduler_step_size: 1, scheduler_gamma: 0.5 }],
  ['plateau', { scheduler: 'plateau', scheduler_metric: 'val_macro_f1', scheduler_patience: 0 }],
]

const AUGMENTATIONS: readonly (readonly [string, Part])[] = [
  ['no augmentation', { augment: false }],
  ['flips and colours', { augment: true, augmentation: policy({ horizontal_flip: 0.5, vertical_flip: 0.5, brightness: 0.3, hue: 0.1 }) }],
  ['crop, RandAugment and erasing', { augment: true, augmentation: policy({ random_resized_crop: true, crop_scale: [0.3, 1], rand_augment: 2, random_erasing: 0.5 }) }],
  ['MixUp', { augment: true, augmentation: policy({ mixup: 0.4 }) }],
  ['CutMix', { augment: true, augmentation: policy({ cutmix: 1, horizontal_flip: 0.5 }) }],
  ['MixUp or CutMix on turned pictures', { augment: true, augmentation: policy({ mixup: 0.2, cutmix: 1, rotation: 20, translate: 0.1, scale: [0.8, 1.2] }) }],
]

const stages = (given: Parameters<typeof stageSchema.parse>[0][]) => given.map((stage) => stageSchema.parse(stage))
const THREE = [
  { epochs: 1, freeze: 'all', learning_rate: 0.02 },
  { epochs: 2, freeze: 'stage', learning_rate: 0.01 },
  { epochs: 1, freeze: 'none', learning_rate: 0.01, backbone_learning_rate: 0.002 },
]

const WAYS: readonly (readonly [string, Part])[] = [
  ['everything trains', {}],
  ['a frozen part is kept, two views', { freeze: 'ratio', freeze_ratio: 0.5, views: 2 }],
  ['statistics of frozen batch norms move', { freeze: 'ratio', freeze_ratio: 0.5, frozen_batch_norm: 'update' }],
  ['averaged weights', { ema_decay: 0.8, head: 'mlp' }],
  ['two passes a step', { batch_size: 2, accumulation_steps: 2 }],
  ['warm-up, clipping, decay on weights alone', { warmup_steps: 5, gradient_clipping: 0.5, weight_decay: 0.02, weight_decay_on: 'weights' }],
  ['focal loss, class weights, balanced classes', { loss: 'focal', focal_alpha: [1, 2, 0.5], class_weights: 'balanced', sampler: 'class_balanced' }],
  ['three stages, optimizer begun afresh', { stages: stages(THREE) }],
  ['three stages, optimizer carried on', { stages: stages(THREE.map((stage) => ({ ...stage, start_from: 'last', optimizer_state: 'carry' }))), layer_decay: 0.7 }],
  [
    'three stages from the best, averaged, gathered, warmed up, carried on',
    { stages: stages(THREE.map((stage) => ({ ...stage, optimizer_state: 'carry', warmup_steps: 2 }))), ema_decay: 0.7, batch_size: 2, accumulation_steps: 3 },
  ],
  ['a single picture joins the batch before, smoothing, deep head', { batch_size: 3, label_smoothing: 0.1, head: 'deep' }],
  ['stages that stop early', { stages: stages([{ epochs: 4 }, { epochs: 4, freeze: 'ratio', freeze_ratio: 0.5 }]), early_stopping_patience: 1, early_stopping_metric: 'val_macro_f1', monitor: 'val_loss' }],
]

export const MIXTURES: readonly Mixture[] = WAYS.flatMap(([way, wayPart], w) =>
  OPTIMIZERS.map(([optimizer, optimizerPart], o) => {
    const quarter = Math.floor(w / 4)
    const [schedule, schedulePart] = SCHEDULES[(w + o + quarter) % SCHEDULES.length] as (typeof SCHEDULES)[number]
    const [augmentation, augmentationPart] = AUGMENTATIONS[(w + 2 * o + quarter) % AUGMENTATIONS.length] as (typeof AUGMENTATIONS)[number]
    // In each way two optimizers of either, and both among the quick ones.
    const precision = (o + Math.floor(w / 2)) % 2 === 0 ? 'float32' : 'bfloat16'
    const config = matrixConfig({ precision, ...optimizerPart, ...schedulePart, ...augmentationPart, ...wayPart, seed: 2 ** 33 + 4 * w + o })
    return { name: `${optimizer}, ${schedule}, ${augmentation}, ${precision}; ${way}`, optimizer, schedule, augmentation, way, precision, config, isQuick: o === w % 4 }
  }),
)
