/** The profile of a short training, as one was measured. */
import { PHASE_NAMES, type Phase, type Profile } from '../../shared/domain/profile'

const SECONDS: Partial<Record<Phase, [seconds: number, times: number]>> = {
  command: [1.357, 0],
  start: [1.253, 1],
  pictures: [0.938, 79],
  weights: [0.092, 1],
  choices: [0.0002, 2],
  compiling: [1.322, 8],
  augmentation: [0.212, 72],
  features: [2.031, 37],
  kept_features: [0.121, 93],
  steps: [1.876, 34],
  validation: [0.043, 4],
  checkpoints: [0.468, 4],
  evaluation: [1.052, 1],
  figures: [1.816, 1],
  other: [0.608, 0],
}
const phases = PHASE_NAMES.map((phase) => ({ phase, seconds: SECONDS[phase]?.[0] ?? 0, times: SECONDS[phase]?.[1] ?? 0 }))
const rows = Array.from({ length: 9 }, (_, i) => ({ name: `features.${i}`, layers: 15, forward_ms: 1.5 + 0.1 * i, backward_ms: i === 0 ? -0.2 : 2 }))
const group = (kind: string, implementation: string, count: number, ms: number) => ({ kind, implementation, count, ms })
const groups = [
  group('convolution', 'jit_1x1:avx512_core', 7, 15),
  group('convolution', 'jit_dw:avx512_core', 9, 12.5),
  group('batch_normalization', 'bnorm_tbb_jit:avx512_core', 20, 10.8),
  group('reorder', 'jit:uni', 32, 10.4),
  group('convolution', 'brgconv_1x1:avx512_core', 7, 7.1),
  group('gemm_api', '', 16, 4),
]
const stepMs = 40

export const EXAMPLE_PROFILE: Profile = {
  version: 1,
  run_id: '20261121-201813-dandelion-grass-ee0d',
  written_at: '2026-11-21T20:18:25.184Z',
  resumed_from_epoch: null,
  epochs: 2,
  device: 'CPU, 2 threads',
  processor: 'AMD EPYC',
  total_s: phases.reduce((sum, { seconds }) => sum + seconds, 0),
  phases,
  beside: { augmentation_s: 2.38 },
  layers: {
    stage: 1,
    batch_size: 16,
    image_size: 224,
    precision: 'float32',
    gathers: false,
    after: null,
    method: 'By differences.',
    repeats: 15,
    step_ms: stepMs,
    rows,
    loss_ms: 0.2,
    update_ms: 2.7,
    remainder_ms: stepMs - 2.9 - rows.reduce((sum, row) => sum + row.forward_ms + row.backward_ms, 0),
  },
  primitives: {
    available: true,
    version: 'v3.2.1',
    instructions: 'Intel AVX-512',
    steps: 3,
    step_ms: 42,
    total_ms: groups.reduce((sum, { ms }) => sum + ms, 0),
    groups,
    shapes: [{ ...group('convolution', 'jit_1x1:avx512_core', 3, 7.7), propagation: 'backward_weights', types: 'f32', shape: 'mb16_ic96oc576_ih7oh7kh1sh1dh0ph0_iw7ow7kw1sw1dw0pw0' }],
  },
}
