/**
 * The Python names that a file of weights may mention. They are symbols here: nothing is imported or called, each stands for
 * a plain description that the reader builds itself.
 */
import type { ElementType } from './element-types'

interface Named {
  readonly module: string
  readonly name: string
}

/** Storage classes of torch and the number format each stands for. */
const STORAGE_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['torch\nFloatStorage', 'float32'],
  ['torch\nHalfStorage', 'float16'],
  ['torch\nBFloat16Storage', 'bfloat16'],
  ['torch\nDoubleStorage', 'float64'],
  ['torch\nLongStorage', 'int64'],
  ['torch\nIntStorage', 'int32'],
  ['torch\nShortStorage', 'int16'],
  ['torch\nCharStorage', 'int8'],
  ['torch\nByteStorage', 'uint8'],
  ['torch\nBoolStorage', 'bool'],
  ['torch.storage\nUntypedStorage', 'uint8'],
])

const CALLABLE = {
  'collections\nOrderedDict': 'ordered-dict',
  'torch._utils\n_rebuild_tensor_v2': 'tensor-v2',
  'torch._utils\n_rebuild_tensor': 'tensor',
  'torch._utils\n_rebuild_parameter': 'parameter',
  'torch\nSize': 'size',
} as const
export type CallableGlobal = (typeof CALLABLE)[keyof typeof CALLABLE]
const CALLABLE_GLOBALS: ReadonlyMap<string, CallableGlobal> = new Map(Object.entries(CALLABLE))

/** May be mentioned (training checkpoints note their number formats) but stand for nothing. */
const INERT_GLOBALS: ReadonlySet<string> = new Set([
  'torch.storage\nTypedStorage',
  ...['float32', 'float16', 'bfloat16', 'float64', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'].map((name) => `torch\n${name}`),
])

/** A line break cannot occur in either part, so the joined key has one reading. */
function keyOf({ module, name }: Named): string {
  return `${module}\n${name}`
}

export function storageTypeOf(global: Named): ElementType | undefined {
  return STORAGE_TYPES.get(keyOf(global))
}

export function callableOf(global: Named): CallableGlobal | undefined {
  return CALLABLE_GLOBALS.get(keyOf(global))
}

export function isAllowedGlobal(global: Named): boolean {
  const key = keyOf(global)
  return STORAGE_TYPES.has(key) || CALLABLE_GLOBALS.has(key) || INERT_GLOBALS.has(key)
}

/** True for classes that a whole saved model consists of. Chooses the wording only. */
export function isModelClass({ module }: Named): boolean {
  return /^(torch\.nn|torchvision|timm|torch\.fx|efficientnet_lite|efficientnet_pytorch|__main__)(\.|$)/.test(module)
}

const DANGEROUS_MODULES: ReadonlySet<string> = new Set(
  [
    'os posix nt subprocess sys runpy pty socket shutil ctypes importlib marshal operator _operator functools pickle _pickle',
    'pip ensurepip venv pydoc pkgutil pathlib bdb pdb profile cProfile trace timeit doctest code asyncio logging _io io',
    'urllib ssl smtplib imaplib cloudpickle webbrowser',
  ].flatMap((line) => line.split(' ')),
)
const HARMLESS_BUILTINS: ReadonlySet<string> = new Set(
  'set frozenset list dict tuple int float complex bool str bytes bytearray slice object'.split(' '),
)

/** True for names that run code. Chooses the wording only: whatever is not allowed is refused anyway. */
export function isKnownDangerous({ module, name }: Named): boolean {
  if (module === 'builtins' || module === '__builtin__') return !HARMLESS_BUILTINS.has(name)
  return DANGEROUS_MODULES.has(module.split('.')[0] ?? '')
}
