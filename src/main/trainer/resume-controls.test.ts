/** What the resume matrix rests on: with any one item of a checkpoint lost, a run that is gone on with ends otherwise. */
import { afterAll, describe, expect, test } from 'vitest'
import { policy } from '../../shared/domain/augmentation'
import { type CheckpointState, checkpointStateSchema } from '../../shared/domain/run'
import type { RunConfig } from '../../shared/domain/run-config'
import { stageSchema } from '../../shared/domain/stages'
import { readSafetensors, writeSafetensors } from '../engine/formats/safetensors'
import type { HostTensor } from '../engine/formats/tensor-map'
import { type Kept, matrixConfig, play, type Played, Sessions } from './resume-matrix.examples'

/** What a checkpoint says of itself; going on does not ask for it, or has it from the run's configuration. */
const DESCRIBED = [
  'version', 'backbone', 'head', 'dropout', 'num_classes', 'classes', 'image_size', 'frozen_layers', 'monitor', 'seed',
  'learning_rate', 'intra_op_threads', 'preprocessing',
] as const // prettier-ignore
/** Clocks: no two runs have the same. */
const CLOCKS = ['elapsed_s'] as const

/** Runs in which every item counts for something. */
const RUNS = {
  plain: matrixConfig({ optimizer: 'adam', augment: true, augmentation: policy({ horizontal_flip: 0.5 }), warmup_steps: 5 }),
  gathered: matrixConfig({ optimizer: 'sgd', batch_size: 2, accumulation_steps: 2 }),
  staged: matrixConfig({
    optimizer: 'adamw', ema_decay: 0.7, freeze: 'stage', layer_decay: 0.7, warmup_steps: 2,
    stages: [{ epochs: 2 }, { epochs: 2, freeze: 'none', optimizer_state: 'carry' as const, start_from: 'last' as const }].map((stage) => stageSchema.parse(stage)),
  }),
  // The rate falls and training ends by a figure that hardly moves.
  slow: matrixConfig({ optimizer: 'sgd', learning_rate: 1e-4, epochs: 9, scheduler: 'plateau', scheduler_metric: 'val_accuracy', scheduler_patience: 1, early_stopping_patience: 4, early_stopping_metric: 'val_accuracy' }),
} satisfies Record<string, RunConfig> // prettier-ignore
type RunName = keyof typeof RUNS

interface Loss {
  readonly item: keyof CheckpointState
  readonly what: string
  readonly run: RunName
  lose(state: CheckpointState): void
}

const inEpoch = (lose: (position: NonNullable<CheckpointState['position']>) => void) => (state: CheckpointState) => {
  if (state.position !== null) lose(state.position)
}

const LOSSES: readonly Loss[] = [
  { item: 'epoch', what: 'epochs done', run: 'plain', lose: (state) => { state.epoch = 0 } },
  { item: 'stage', what: 'the stage', run: 'staged', lose: (state) => { state.stage = 1 } },
  { item: 'stage_epoch', what: 'epochs of the stage', run: 'staged', lose: (state) => { state.stage_epoch = 0 } },
  { item: 'step', what: 'steps', run: 'plain', lose: (state) => { state.step = 0 } },
  { item: 'pass', what: 'passes', run: 'gathered', lose: (state) => { state.pass = null } },
  { item: 'stage_starts', what: 'the first stage', run: 'staged', lose: (state) => { state.stage_starts[0] = state.step } },
  { item: 'stage_starts', what: 'the last stage', run: 'staged', lose: (state) => { state.stage_starts = state.stage_starts.map((start, i, all) => (i > 0 && i === all.length - 1 ? 0 : start)) } },
  { item: 'position', what: 'the place within the epoch', run: 'plain', lose: (state) => { state.position = null } },
  { item: 'position', what: 'its steps', run: 'plain', lose: inEpoch((position) => { position.steps -= 1 }) },
  { item: 'position', what: 'its loss', run: 'plain', lose: inEpoch((position) => { position.loss_sum = 0 }) },
  { item: 'position', what: 'its hits', run: 'plain', lose: inEpoch((position) => { position.hits = 0 }) },
  { item: 'position', what: 'its pictures', run: 'plain', lose: inEpoch((position) => { position.pictures = 0 }) },
  { item: 'position', what: 'its gradients', run: 'plain', lose: inEpoch((position) => { position.norm_sum = 0 }) },
  { item: 'best_epoch', what: 'the best epoch', run: 'plain', lose: (state) => { state.best_epoch = null } },
  { item: 'best_metric', what: 'the best figure', run: 'plain', lose: (state) => { if (state.best_metric !== null) state.best_metric = 0 } },
  { item: 'learning_rates', what: 'rates of groups', run: 'staged', lose: (state) => { state.learning_rates = null } },
  { item: 'plateau', what: 'the plateau’s best', run: 'slow', lose: (state) => { state.plateau.best = null } },
  { item: 'plateau', what: 'its bad epochs', run: 'slow', lose: (state) => { state.plateau.bad_epochs = 0 } },
  { item: 'early_stopping', what: 'early stopping’s best', run: 'slow', lose: (state) => { state.early_stopping.best = null } },
  { item: 'early_stopping', what: 'its count', run: 'slow', lose: (state) => { state.early_stopping.epochs_without_gain = 0 } },
  { item: 'history', what: 'the history', run: 'plain', lose: (state) => { state.history = [] } },
  { item: 'history', what: 'its last epoch', run: 'plain', lose: (state) => { state.history.pop() } },
] // prettier-ignore

const ended = { items: 0, tensors: 0 }
const sessions = new Map<RunName, Sessions>()
const wholes = new Map<RunName, Played>()

function sessionsOf(run: RunName): Sessions {
  const known = sessions.get(run) ?? new Sessions()
  sessions.set(run, known)
  return known
}

async function wholeRun(run: RunName): Promise<Played> {
  const known = wholes.get(run) ?? (await play(RUNS[run], { sessions: sessionsOf(run) }))
  wholes.set(run, known)
  return known
}

/** Whether going on from what is kept comes to the end of the whole run; an error is no end. */
async function endsTheSame(run: RunName, kept: Kept): Promise<boolean> {
  const { end } = await wholeRun(run)
  try {
    const again = await play(RUNS[run], { from: kept, sessions: sessionsOf(run) })
    return again.end.best === end.best && again.end.latest === end.latest && JSON.stringify(again.end.state) === JSON.stringify(end.state)
  } catch {
    return false
  }
}

/** What is kept at the first cut from the middle on, then before it, where `damage` shows; null where it does nowhere. */
async function firstTold(run: RunName, damage: (kept: Kept) => Kept): Promise<Kept | null> {
  const { cuts } = await wholeRun(run)
  const middle = Math.floor(cuts.length / 2)
  for (const cut of [...cuts.slice(middle, -1), ...cuts.slice(0, middle)]) if (!(await endsTheSame(run, damage(cut)))) return cut
  return null
}

const stateOf = ({ latest }: Kept) => checkpointStateSchema.parse(JSON.parse(latest.state))

function withState(kept: Kept, lose: (state: CheckpointState) => void): Kept {
  const state = stateOf(kept)
  lose(state)
  return { ...kept, latest: { ...kept.latest, state: JSON.stringify(state) } }
}

/** With the tensors of one of the two files changed. */
function withTensors(kept: Kept, file: 'weights' | 'optimizer', change: (tensors: Map<string, HostTensor>) => void): Kept {
  const { tensors, metadata } = readSafetensors(kept.latest[file])
  const changed = new Map(tensors)
  change(changed)
  return { ...kept, latest: { ...kept.latest, [file]: writeSafetensors(changed, metadata) } }
}

test('every item of a checkpoint’s state is lost below, or only describes it', () => {
  const known = new Set<string>([...LOSSES.map(({ item }) => item), ...DESCRIBED, ...CLOCKS])
  expect([...known].sort()).toEqual(Object.keys(checkpointStateSchema.shape).sort())
})

test('what only describes a checkpoint changes nothing', async () => {
  const { cuts } = await wholeRun('plain')
  const cut = cuts[Math.floor(cuts.length / 2)]!
  const same = withState(cut, (state) => Object.assign(state, { frozen_layers: 0, monitor: 'val_loss', seed: 1, learning_rate: 9, backbone: 'other', elapsed_s: 0 }))
  const { end } = await play(RUNS.plain, { from: same, sessions: sessionsOf('plain') })
  expect(end).toEqual((await wholeRun('plain')).end)
})

describe('the end is another one without', () => {
  test.each(LOSSES)('$item: $what', async (loss) => {
    const told = await firstTold(loss.run, (kept) =>
      withState(kept, (state) => {
        loss.lose(state)
      }),
    )
    expect(told).not.toBeNull()
    ended.items++
  })

  test('the best checkpoint that a stage begins with', async () => {
    const run = 'staged'
    const config = { ...RUNS[run], stages: RUNS[run].stages.map((stage) => ({ ...stage, start_from: 'best' as const })), learning_rate: 1e-7 }
    const whole = await play(config, {})
    // The first stage's end, with its best an epoch before.
    const cut = whole.cuts.find((kept) => stateOf(kept).epoch === 2 && stateOf(kept).stage === 1 && stateOf(kept).best_epoch === 1)
    expect(cut).toBeDefined()
    expect((await play(config, { from: cut! })).end).toEqual(whole.end)
    const warnings: string[] = []
    const onWarning = (message: string) => void warnings.push(message)
    expect((await play(config, { from: { ...cut!, best: null }, onWarning })).end).not.toEqual(whole.end)
    expect(warnings).toEqual([expect.stringMatching(/^The best checkpoint, of epoch 1, cannot be read.*goes on from the last epoch, 2\.$/)])
    expect((await play(config, { from: { ...cut!, best: whole.cuts.at(-1)!.latest } })).end).not.toEqual(whole.end)
  })

  test.each(Object.keys(RUNS) as RunName[])('any one tensor of a %s run: weights, running statistics, averages, the optimizer’s slots', async (run) => {
    const { cuts } = await wholeRun(run)
    const kinds = new Set<string>()
    // Within an epoch: where a stage begins averages and weights are the same.
    const cut = cuts.findLast((kept) => stateOf(kept).position?.steps === 2)!
    for (const file of ['weights', 'optimizer'] as const) {
      for (const [name, { data }] of readSafetensors(cut.latest[file]).tensors) {
        // A gradient that has been 0 all along has left nothing to lose.
        if (data.every((value) => value === 0)) continue
        expect(await endsTheSame(run, withTensors(cut, file, (tensors) => tensors.delete(name))), `${file} without ${name}`).toBe(false)
        kinds.add(name.includes('/') ? name.slice(0, name.indexOf('/')) : name.slice(name.lastIndexOf('.') + 1))
        ended.tensors++
      }
    }
    const slots = { plain: ['exp_avg', 'exp_avg_sq'], gathered: ['momentum_buffer'], staged: ['exp_avg', 'exp_avg_sq', 'trained'], slow: ['momentum_buffer'] }[run]
    expect([...kinds].sort()).toEqual([...slots, 'bias', 'running_mean', 'running_var', 'weight'].sort())
  })

  test('a single number of a slot, by its last bit', async () => {
    const flipped = await firstTold('plain', (kept) =>
      withTensors(kept, 'optimizer', (tensors) => {
        const name = 'exp_avg/fc.bias'
        const { shape, data } = tensors.get(name)!
        const bits = new Int32Array(data.slice().buffer)
        bits[0]! ^= 1
        tensors.set(name, { shape, data: new Float32Array(bits.buffer) })
      }),
    )
    expect(flipped).not.toBeNull()
  })
})

afterAll(() => {
  for (const each of sessions.values()) each.close()
  console.info('Lost one by one, each told by another end:', ended)
})
