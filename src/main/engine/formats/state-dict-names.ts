/** Where training scripts put the weights inside a checkpoint, and what wrappers put in front of every name. */
import type { PickleDict, PickleValue } from './pickle'
import type { TensorMap } from './tensor-map'

/** Keys of the weights in a checkpoint, most usual first; averaged weights come after the plain ones. */
const NESTING_KEYS = [
  'state_dict', 'model_state_dict', 'model_state', 'model', 'module', 'net', 'net_state_dict', 'network', 'weights', 'params',
  'ema_state_dict', 'state_dict_ema', 'model_ema', 'ema_model', 'ema', 'params_ema',
] as const
const MAX_NESTING = 4

/** Put in front of every name by DataParallel and by torch.compile. */
const WRAPPER_PREFIXES = ['module.', '_orig_mod.'] as const
const MAX_PREFIXES = 4
/** The counter that torch.optim.swa_utils.AveragedModel keeps beside the wrapped model. */
const AVERAGED_COUNTER = 'n_averaged'

export interface NestedStateDict {
  readonly dict: PickleDict
  /** The keys that lead from the file's outermost dict to `dict`; empty when it is that dict itself. */
  readonly path: readonly string[]
  /** The dicts around `dict`, outermost first. */
  readonly around: readonly PickleDict[]
  /** Keys beside the path under which there are weights too. */
  readonly otherWeights: readonly string[]
}

function isDict(value: PickleValue | undefined): value is PickleDict {
  return typeof value === 'object' && value !== null && value.kind === 'dict'
}

/** True when `dict` has a tensor under a name. */
export function holdsTensor(dict: PickleDict): boolean {
  for (const [key, value] of dict.entries) {
    if (typeof key === 'string' && typeof value === 'object' && value !== null && value.kind === 'tensor') return true
  }
  return false
}

/** Each dict is looked at once, so that dicts that hold each other cost no more than others. */
function search(dict: PickleDict, depth: number, seen: Set<PickleDict>): Pick<NestedStateDict, 'dict' | 'path' | 'around'> | null {
  seen.add(dict)
  for (const key of depth < MAX_NESTING ? NESTING_KEYS : []) {
    const inner = dict.entries.get(key)
    if (!isDict(inner) || seen.has(inner)) continue
    const found = search(inner, depth + 1, seen)
    if (found !== null) return { ...found, path: [key, ...found.path], around: [dict, ...found.around] }
  }
  return holdsTensor(dict) ? { dict, path: [], around: [] } : null
}

/** Goes down through a checkpoint to its dict of weights; null when there is none. */
export function findStateDict(root: PickleDict): NestedStateDict | null {
  const found = search(root, 0, new Set())
  if (found === null) return null
  const otherWeights = found.around.flatMap((dict, level) =>
    NESTING_KEYS.filter((key) => {
      const inner = dict.entries.get(key)
      return key !== found.path[level] && isDict(inner) && inner !== found.dict && holdsTensor(inner)
    }),
  )
  return { ...found, otherWeights }
}

/** The wrapper prefixes that all names share, in any order; empty when there are none. */
function commonPrefix(names: readonly string[]): string {
  let prefix = ''
  for (let count = 0; count < MAX_PREFIXES && names.length > 0; count++) {
    const wrapper = WRAPPER_PREFIXES.find((each) => names.every((name) => name.startsWith(prefix + each)))
    if (wrapper === undefined) break
    prefix += wrapper
  }
  return prefix
}

export interface UnwrappedNames {
  readonly tensors: TensorMap
  /** What was taken off every name, or empty. */
  readonly prefix: string
}

/** The same tensors under the names that the model itself gives them. */
export function unwrapNames(tensors: TensorMap): UnwrappedNames {
  const names = [...tensors.keys()].filter((name) => name !== AVERAGED_COUNTER)
  const prefix = commonPrefix(names)
  if (prefix === '') return { tensors, prefix }
  const unwrapped = [...tensors].flatMap(([name, tensor]) => (name === AVERAGED_COUNTER ? [] : [[name.slice(prefix.length), tensor] as const]))
  return { tensors: new Map(unwrapped), prefix }
}
