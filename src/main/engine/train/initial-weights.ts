/** The numbers a run starts from: the backbone's published weights, and a fresh head. */
import { GraftError } from '../../../shared/domain/error'
import { KeyedRandom } from '../../../shared/domain/random'
import { differenceAdvice, type DifferenceOptions, fitsWholly, formatDifferences, requireFinite, tensorDifferences } from '../formats/tensor-differences'
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
    case 'he_normal':
      random.fillNormal(data, Math.sqrt(2 / initialiser.fan))
      break
    case 'normal':
      random.fillNormal(data, initialiser.deviation)
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
  /** Other networks that the file may be for; asked for only where it does not fit. */
  readonly candidates: () => NonNullable<DifferenceOptions['candidates']>
}

export interface PretrainedWeights {
  readonly weights: Map<string, HostTensor>
  readonly headKept: boolean
}

/**
 * Pretrained weights for the backbone. The head starts fresh, as torch.nn's layers do in a script that replaces it, unless the
 * file's fits and is wanted.
 * Throws MISMATCH with a table of the tensors that are missing or of another shape, UNREADABLE where one is not finite.
 */
export function pretrainedWeights(network: Network, file: TensorMap, { fresh, keepsHead, seed, fileName, candidates }: PretrainedOptions): PretrainedWeights {
  const specs = networkParameters(withFreshHead(network, fresh))
  const isHead = ({ name }: ParameterSpec) => name.startsWith(`${fresh}.`)
  const headKept = keepsHead && fitsWholly(tensorDifferences(specs.filter(isHead), file))
  const wanted = headKept ? specs : specs.filter((spec) => !isHead(spec))
  requireFit(wanted, file, { fileName, candidates })
  requireFinite(file, fileName, wanted.map(({ name }) => name))
  const given = new Set(wanted.map(({ name }) => name))
  const weights = new Map(
    specs.map((spec, index) => [spec.name, given.has(spec.name) ? { shape: spec.shape, data: file.get(spec.name)?.data ?? new Float32Array(0) } : initialise(spec, seed, index)]),
  )
  return { weights, headKept }
}

/** Refuses a file that lacks tensors, with a table of what fits and what does not. */
function requireFit(specs: readonly ParameterSpec[], file: TensorMap, { fileName, candidates }: Pick<PretrainedOptions, 'fileName' | 'candidates'>): void {
  const differences = tensorDifferences(specs, file)
  if (fitsWholly(differences)) return
  const explained = tensorDifferences(specs, file, { candidates: candidates() })
  const table = formatDifferences(explained)
  throw new GraftError('MISMATCH', `${fileName} does not fit this network: ${differences.missing.length} tensors are missing and ${differences.misshaped.length} have another shape.`, {
    action: `${differenceAdvice(explained)}\n${table}`,
    detail: table,
  })
}

/** The network with its fresh layers starting as torch.nn.Linear does. */
function withFreshHead(network: Network, fresh: string): Network {
  const layers = network.layers.map((layer) => (layer.kind === 'linear' && layer.name.startsWith(fresh) ? { ...layer, start: 'pytorch' as const } : layer))
  return { ...network, layers }
}
