/** The optimizers, as torch.optim defines them, written over TensorFlow's fused update operations. A new one is a row. */
import type { OptimizerName } from '../../../shared/domain/run-config'
import { attribute, type GraphBuilder, type Output } from './graph-builder'
import type { Variables } from './variables'

export type { OptimizerName }

/** What does not change during a run. */
export interface OptimizerSettings {
  readonly weightDecay: number
  readonly momentum: number
  readonly nesterov: boolean
  /** Adam's; torch's defaults where left out. */
  readonly beta1?: number
  readonly beta2?: number
}

/** Fed with every step, for each parameter group. */
export interface OptimizerScalars {
  readonly learningRate: number
  readonly epsilon: number
  /** learning rate · weight decay, for decoupled decay. */
  readonly decay: number
}

export interface ScalarInputs {
  readonly learningRate: Output
  readonly epsilon: Output
  readonly decay: Output
}

interface Optimizer {
  /** Names of the running averages kept for each parameter; all start at zero. */
  readonly slots: readonly string[]
  /** The scalars of step `step`, counted from 1. */
  scalars(step: number, learningRate: number, settings: OptimizerSettings): OptimizerScalars
  /** Writes the update of one parameter and returns its node. `settings.weightDecay` is the parameter's own. */
  write(graph: GraphBuilder, variables: Variables, update: { name: string; gradient: Output; scalars: ScalarInputs; settings: OptimizerSettings }): Output
}

const FLOAT = attribute.type('float32')
const BETA_1 = 0.9
const BETA_2 = 0.999
const betas = ({ beta1 = BETA_1, beta2 = BETA_2 }: OptimizerSettings) => ({ beta1, beta2 })
const EPSILON = 1e-8

export const slotName = (slot: string, parameter: string) => `${slot}/${parameter}`

/** L2 regularisation as torch.optim's `weight_decay` outside AdamW: λ·w joins the gradient. */
function withL2(graph: GraphBuilder, variables: Variables, name: string, gradient: Output, weightDecay: number): Output {
  return weightDecay === 0 ? gradient : graph.plus(gradient, graph.mul(variables.read(name), graph.float(weightDecay)))
}

interface AdamUpdate {
  readonly name: string
  readonly gradient: Output
  readonly scalars: ScalarInputs
  readonly settings: OptimizerSettings
  readonly after: readonly Output[]
}

function writeAdam(graph: GraphBuilder, variables: Variables, { name, gradient, scalars, settings, after }: AdamUpdate): Output {
  const { beta1, beta2 } = betas(settings)
  const zero = graph.float(0) // powers of β are folded into the fed learning rate and epsilon
  const inputs = [
    variables.handle(name), variables.handle(slotName('exp_avg', name)), variables.handle(slotName('exp_avg_sq', name)),
    zero, zero, scalars.learningRate, graph.float(beta1), graph.float(beta2), scalars.epsilon, gradient,
  ] // prettier-ignore
  return graph.add('ResourceApplyAdam', [...inputs, ...after.map((node) => `^${node}`)], {
    T: FLOAT,
    use_locking: attribute.bool(false),
    use_nesterov: attribute.bool(false),
  })
}

/**
 * Kingma and Ba 2015 in torch's order: lr/(1−β₁ᵗ) · m / (√(v/(1−β₂ᵗ)) + ε). TensorFlow's operation computes m and √v with ε
 * added before the correction is undone, and takes 1 − β₂ in float32, which is `rounding` times too large: both are fed.
 */
function adamScalars(step: number, learningRate: number, decay: number, settings: OptimizerSettings): OptimizerScalars {
  const { beta1, beta2 } = betas(settings)
  const rounding = Math.sqrt((1 - Math.fround(beta2)) / (1 - beta2))
  const correction2 = Math.sqrt(1 - beta2 ** step)
  return {
    learningRate: ((learningRate * correction2) / (1 - beta1 ** step)) * rounding,
    epsilon: EPSILON * correction2 * rounding,
    decay,
  }
}

export const OPTIMIZER_RULES: Readonly<Record<OptimizerName, Optimizer>> = {
  sgd: {
    slots: ['momentum_buffer'],
    scalars: (_step, learningRate) => ({ learningRate, epsilon: 0, decay: 0 }),
    write(graph, variables, { name, gradient, scalars, settings }) {
      const inputs = [
        variables.handle(name), variables.handle(slotName('momentum_buffer', name)), scalars.learningRate,
        withL2(graph, variables, name, gradient, settings.weightDecay), graph.float(settings.momentum),
      ] // prettier-ignore
      const attributes = { T: FLOAT, use_locking: attribute.bool(false), use_nesterov: attribute.bool(settings.nesterov) }
      return graph.add('ResourceApplyMomentum', inputs, attributes)
    },
  },
  adam: {
    slots: ['exp_avg', 'exp_avg_sq'],
    scalars: (step, learningRate, settings) => adamScalars(step, learningRate, 0, settings),
    write: (graph, variables, { name, gradient, scalars, settings }) =>
      writeAdam(graph, variables, { name, gradient: withL2(graph, variables, name, gradient, settings.weightDecay), scalars, settings, after: [] }),
  },
  /** Loshchilov and Hutter 2019: the weight shrinks by lr·λ before Adam's step, outside its averages. */
  adamw: {
    slots: ['exp_avg', 'exp_avg_sq'],
    scalars: (step, learningRate, settings) => adamScalars(step, learningRate, learningRate * settings.weightDecay, settings),
    write(graph, variables, { name, gradient, scalars, settings }) {
      if (settings.weightDecay === 0) return writeAdam(graph, variables, { name, gradient, scalars, settings, after: [] })
      const weight = variables.read(name)
      // w − w·lr·λ rather than w·(1 − lr·λ): rounding 1 − lr·λ to float32 would shrink by a wrong rate, in every step the same.
      // The gradient must have been computed from the weight before it shrinks.
      const shrunk = graph.after(graph.minus(weight, graph.mul(weight, scalars.decay)), [gradient], 'decayed')
      return writeAdam(graph, variables, { name, gradient, scalars, settings, after: [variables.assign(name, shrunk)] })
    },
  },
}
