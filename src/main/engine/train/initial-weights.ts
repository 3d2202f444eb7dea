/** The numbers a run starts from: the backbone's published weights, and a fresh head. */
import { GraftError } from '../../../shared/domain/error'
import { KeyedRandom } from '../../../shared/domain/random'
import type { HostTensor, TensorMap } from '../formats/tensor-map'
import type { ParameterSpec } from '../layers/layer'
import { type Network, networkParameters } from '../zoo/network'

function initialise(spec: ParameterSpec, seed: number, index: number): HostTensor {
  const count = spec.shape.reduce((a, b) => a * b, 1)
  const data = new Float32Array(count)
  const { initialiser } = spec
  const random = new KeyedRandom(seed, 'initialise', index)
  switch (initialiser.kind) {
    case 'zeros':
      break
    case 'ones':
      data.fill(1)
      break
    case 'he_normal': {
      const deviation = Math.sqrt(2 / initialiser.fan)
      for (let i = 0; i < count; i++) data[i] = deviation * random.normal()
      break
    }
    case 'normal':
      for (let i = 0; i < count; i++) data[i] = initialiser.deviation * random.normal()
      break
    case 'uniform':
      for (let i = 0; i < count; i++) data[i] = random.between(-initialiser.bound, initialiser.bound)
      break
  }
  return { shape: spec.shape, data }
}

/** Every parameter drawn by its own initialiser; one parameter's numbers do not depend on the others. */
export function randomWeights(network: Network, seed: number): Map<string, HostTensor> {
  return new Map(networkParameters(network).map((spec, index) => [spec.name, initialise(spec, seed, index)]))
}

export interface PretrainedOptions {
  /** Prefix of the parameters that start fresh. */
  readonly fresh: string
  /** Take these from the file as well, where all of them fit: the file holds a head for the same classes. */
  readonly keepsHead: boolean
  readonly seed: number
  readonly fileName: string
}

export interface PretrainedWeights {
  readonly weights: Map<string, HostTensor>
  readonly headKept: boolean
}

/**
 * Pretrained weights for the backbone. The head starts fresh, as torch.nn's layers do in a script that replaces it, unless the
 * file's fits and is wanted.
 * Throws MISMATCH naming the tensors that are missing or of another shape.
 */
export function pretrainedWeights(network: Network, file: TensorMap, { fresh, keepsHead, seed, fileName }: PretrainedOptions): PretrainedWeights {
  const specs = networkParameters(withFreshHead(network, fresh))
  const isHead = (name: string) => name.startsWith(`${fresh}.`)
  const fits = ({ name, shape }: ParameterSpec) => file.get(name)?.shape.join() === shape.join()
  const headKept = keepsHead && specs.filter(({ name }) => isHead(name)).every(fits)
  const problems: string[] = []
  const weights = new Map<string, HostTensor>()
  for (const [index, spec] of specs.entries()) {
    const given = file.get(spec.name)
    if (isHead(spec.name) && !headKept) weights.set(spec.name, initialise(spec, seed, index))
    else if (given === undefined) problems.push(`${spec.name}: missing`)
    else if (!fits(spec)) problems.push(`${spec.name}: [${given.shape.join(', ')}], expected [${spec.shape.join(', ')}]`)
    else weights.set(spec.name, { shape: spec.shape, data: given.data })
  }
  if (problems.length > 0) {
    const more = problems.length > 5 ? ` and ${problems.length - 5} more` : ''
    throw new GraftError('MISMATCH', `${fileName} does not fit this network: ${problems.slice(0, 5).join('; ')}${more}.`, {
      action: 'Choose the weights of this backbone, or start with --weights none.',
      detail: problems.join('\n'),
    })
  }
  return { weights, headKept }
}

/** The network with its fresh layers starting as torch.nn.Linear does. */
function withFreshHead(network: Network, fresh: string): Network {
  const layers = network.layers.map((layer) => (layer.kind === 'linear' && layer.name.startsWith(fresh) ? { ...layer, start: 'pytorch' as const } : layer))
  return { ...network, layers }
}
