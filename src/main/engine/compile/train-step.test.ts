import { afterAll, expect, test } from 'vitest'
import { readGolden } from '../golden/compare'
import { formulaPixels, formulaWeights } from '../golden/formula'
import type { Layer } from '../layers/layer'
import { NetworkSession } from '../runtime/network-session'
import { warmUpFactor } from '../train/schedules'
import { softTargets } from './loss'
import { OPTIMIZER_RULES, type OptimizerName } from './optimizers'
import { compileProgram } from './program'

interface Recipe {
  name: string
  optimizer: OptimizerName
  headRate: number
  backboneRate: number
  weightDecay: number
  /** Else on the weights of convolutions and linear layers alone. */
  decaysAll: boolean
  beta1: number
  beta2: number
  momentum: number
  nesterov: boolean
  clipping: number | null
  /** Passes whose gradients are gathered for a step. */
  passes: number
  warmUp: number
  /** Share of the old in the running average of the weights. */
  average: number | null
  /** After every 20th step. */
  losses: number[]
  final: Record<string, number[]>
  averages: Record<string, number[]> | null
}
/** torch.optim's results in float64; made by scripts/golden/make-recipes.py. */
const golden = readGolden<{ layers: Layer[]; steps: number; cases: Recipe[] }>('recipes.json')

const SIDE = 6
const BATCH = 4
const CLASSES = 3
const network = { layers: golden.layers, pooling: 'pool', output: 'fc' }
const seen: Record<string, { weights: number; losses: number }> = {}
const isHead = (parameter: string) => parameter.startsWith('fc')

function open(recipe: Recipe, accumulates = recipe.passes > 1): NetworkSession {
  const session = new NetworkSession(
    compileProgram({
      network,
      imageSize: SIDE,
      preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
      cut: 'input',
      trained: new Set(['conv', 'bn', 'fc']),
      optimizer: recipe.optimizer,
      optimizerSettings: recipe,
      groups: { count: 2, of: (parameter) => (isHead(parameter) ? 1 : 0) },
      decays: (parameter) => recipe.decaysAll || parameter === 'conv.weight' || parameter === 'fc.weight',
      gradientClipping: recipe.clipping,
      averages: recipe.average !== null,
      accumulates,
    }),
  )
  session.load(formulaWeights(network))
  return session
}

/** Pass `number` (from 0); its share of a step. */
function passInput(number: number, share: number) {
  const labels = Array.from({ length: BATCH }, (_, i) => (number + i) % CLASSES)
  return {
    pixels: { shape: [BATCH, SIDE, SIDE, 3], data: formulaPixels(6000 + (number % 10), BATCH * SIDE * SIDE * 3) },
    input: {
      targets: { shape: [BATCH, CLASSES], data: softTargets(labels, CLASSES, 0) },
      weights: { shape: [BATCH], data: new Float32Array(BATCH).fill(share / BATCH) },
      randomKey: Int32Array.of(0, 0),
      step: number,
    },
  }
}

function takeStep(session: NetworkSession, recipe: Recipe, step: number): number {
  const warmUp = warmUpFactor(step + 1, recipe.warmUp)
  const scalars = [recipe.backboneRate, recipe.headRate].map((rate) => OPTIMIZER_RULES[recipe.optimizer].scalars(step + 1, rate * warmUp, recipe))
  const update = { scalars, averageDecay: step === 0 ? 0 : (recipe.average ?? 0) }
  let loss = 0
  for (let part = 0; part < recipe.passes; part++) {
    const { pixels, input } = passInput(step * recipe.passes + part, 1 / recipe.passes)
    const pictures = session.pictures(pixels, null)
    loss += (recipe.passes === 1 ? session.trainStep(pictures, { ...input, ...update }) : session.gather(pictures, input)).loss
    session.release(pictures)
  }
  if (recipe.passes > 1) session.apply(update)
  return loss
}

const largest = (ours: ArrayLike<number>, theirs: readonly number[]) => Math.max(...theirs.map((value, i) => Math.abs(value - (ours[i] ?? NaN))))

test.each(golden.cases)('$name: 200 steps end where torch.optim ends', (recipe) => {
  const session = open(recipe)
  const losses = Array.from({ length: golden.steps }, (_, step) => takeStep(session, recipe, step)).filter((_, step) => step % 20 === 19)
  const final = session.state()
  session.close()
  const figures = { weights: 0, losses: largest(losses, recipe.losses) }
  for (const [name, expected] of Object.entries(recipe.final)) figures.weights = Math.max(figures.weights, largest(final.get(name)?.data ?? [], expected))
  for (const [name, expected] of Object.entries(recipe.averages ?? {})) {
    figures.weights = Math.max(figures.weights, largest(final.get(`average/${name}`)?.data ?? [], expected))
  }
  seen[recipe.name] = figures
  expect(figures.weights).toBeLessThan(1e-5)
  expect(figures.losses).toBeLessThan(1e-5)
})

test('a step whose gradients are gathered in one pass is the step that gathers nothing', () => {
  const recipe = { ...(golden.cases.find(({ optimizer }) => optimizer === 'adamw') as Recipe), clipping: 0.2 }
  const [whole, gathering] = [open(recipe, false), open(recipe, true)]
  for (let step = 0; step < 20; step++) {
    takeStep(whole, recipe, step)
    const { pixels, input } = passInput(step, 1)
    const scalars = [recipe.backboneRate, recipe.headRate].map((rate) => OPTIMIZER_RULES[recipe.optimizer].scalars(step + 1, rate, recipe))
    const pictures = gathering.pictures(pixels, null)
    gathering.gather(pictures, input)
    gathering.release(pictures)
    gathering.apply({ scalars })
  }
  expect(gathering.state()).toEqual(whole.state())
  whole.close()
  gathering.close()
})

afterAll(() => {
  console.info('Recipes against torch.optim after 200 steps, largest differences:', seen)
})
