/** How long each block of the network takes in a training step. */
import type { LayerTimes } from '../../../shared/domain/profile'
import type { ProfiledStep } from './profiled-step'
import { type StepParts, stepParts } from './step-parts'

/** What the fewest rounds may take together: beyond it blocks are joined. */
const BUDGET_MS = 20_000
const FEWEST_ROUNDS = 2
/** More rounds follow until then. */
const ENOUGH_MS = 15_000
/** Below that there is little to tell apart. */
const FEWEST_BLOCKS = 4
/** More repeats make the median no better. */
const REPEATS = 15
/** A round of all parts costs about so many steps for each block: half a forward, a forward and half a backward. */
const STEPS_A_BLOCK = 0.85
/** Both of its parts take so much of the time that the whole step took to compile. */
const COMPILED_A_BLOCK = 1.2

const METHOD =
  'TensorFlow as it is built into Graft keeps no trace of its operations. So parts of the step’s own graph are run: forward up to each block, and forward and then backward down to each block. ' +
  'The time of a block is the difference of two neighbouring parts, the median over rounds of all parts. TensorFlow may fuse operations in a part that it keeps apart in the step, and runs operations of neighbouring blocks at once, ' +
  'so that single blocks are exact to a few per cent of the step at best and may even come out below zero; remainder_ms is what the sum of all misses of the whole step’s median.'

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

export interface LayerTimesHooks {
  onProgress(done: number, total: number): void
  /** Between two runs: lets messages in. May throw to end it. */
  readonly breathe: () => Promise<void>
}

/** Some fifteen to twenty seconds, or longer where a few rounds of a slow step take longer. */
export async function measureLayers(step: ProfiledStep, stage: number, hooks: LayerTimesHooks): Promise<LayerTimes> {
  const { run, program, config } = step
  const firstMs = step.stepMs()
  const roughMs = step.stepMs()
  // One round that compiles, and as many as are needed at least.
  const blockMs = COMPILED_A_BLOCK * Math.max(0, firstMs - roughMs) + STEPS_A_BLOCK * roughMs * (1 + FEWEST_ROUNDS)
  const affordable = Math.floor(BUDGET_MS / blockMs)
  const parts = stepParts(program, run.network, run.cut, Math.max(FEWEST_BLOCKS, affordable))
  const rounds = await timeRounds(step, parts, hooks)
  const of = (pick: (round: Round) => number) => median(rounds.map(pick))
  const rows = parts.blocks.map(({ name, layers }, i) => ({ name, layers, forward_ms: of((round) => round.forwardMs[i] ?? 0), backward_ms: of((round) => round.backwardMs[i] ?? 0) }))
  const [step_ms, loss_ms, update_ms] = [of((round) => round.stepMs), of((round) => round.lossMs), of((round) => round.updateMs)]
  const summed = rows.reduce((sum, row) => sum + row.forward_ms + row.backward_ms, loss_ms + update_ms)
  return {
    stage,
    batch_size: step.batchSize,
    image_size: config.image_size,
    precision: step.precision,
    gathers: program.train?.apply !== null,
    after: run.cut === 'input' ? null : run.cut,
    method: METHOD,
    repeats: rounds.length,
    step_ms,
    rows,
    loss_ms,
    update_ms,
    remainder_ms: step_ms - summed,
  }
}

interface Round {
  /** Of each block. */
  readonly forwardMs: readonly number[]
  readonly backwardMs: readonly number[]
  readonly lossMs: number
  readonly updateMs: number
  readonly stepMs: number
}

/** One round that compiles, then as many as the budget allows. */
async function timeRounds(step: ProfiledStep, parts: StepParts, hooks: LayerTimesHooks): Promise<Round[]> {
  const startedMs = performance.now()
  await timeRound(step, parts, hooks.breathe)
  hooks.onProgress(1, REPEATS + 1)
  const rounds: Round[] = []
  const spentMs = () => performance.now() - startedMs
  for (let roundMs = 0; rounds.length < FEWEST_ROUNDS || (rounds.length < REPEATS && spentMs() + roundMs < ENOUGH_MS); ) {
    const beforeMs = spentMs()
    rounds.push(await timeRound(step, parts, hooks.breathe))
    roundMs = spentMs() - beforeMs
    hooks.onProgress(rounds.length + 1, REPEATS + 1)
  }
  return rounds
}

async function timeRound(step: ProfiledStep, { blocks, loss }: StepParts, breathe: () => Promise<void>): Promise<Round> {
  const timed = async (fetches: readonly string[], otherwise: number) => {
    await breathe()
    return fetches.length === 0 ? otherwise : step.partMs(fetches)
  }
  const upTo: number[] = []
  for (const { forward } of blocks) upTo.push(await timed(forward, upTo.at(-1) ?? 0))
  const lossEndMs = await timed(loss, upTo.at(-1) ?? 0)
  const downTo: number[] = new Array<number>(blocks.length).fill(lossEndMs)
  for (let place = blocks.length - 1; place >= 0; place--) downTo[place] = await timed(blocks[place]?.backward ?? [], downTo[place + 1] ?? lossEndMs)
  await breathe()
  const stepMs = step.stepMs()
  return {
    forwardMs: upTo.map((ms, i) => ms - (upTo[i - 1] ?? 0)),
    backwardMs: downTo.map((ms, i) => ms - (downTo[i + 1] ?? lossEndMs)),
    lossMs: lossEndMs - (upTo.at(-1) ?? 0),
    updateMs: stepMs - (downTo[0] ?? lossEndMs),
    stepMs,
  }
}
