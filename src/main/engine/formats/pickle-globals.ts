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

/** The rest chooses the wording only: whatever is not allowed above is refused anyway. */
export type RefusalReason = 'dangerous' | 'model' | 'numpy' | 'tensor-kind' | 'object' | 'unknown'

/** What a NumPy number or array consists of in a pickle. */
const NUMPY_VALUE = /^(numpy\.(_?core\.(multiarray\.(scalar|_reconstruct)|numeric\._frombuffer)|ndarray|dtype|dtypes\.\w+|\w*(int|float|bool)\w*)|_codecs\.encode)$/

/** Complex, quantised, sparse and other tensors that are no plain block of numbers. */
const OTHER_TENSOR = /^(torch\.(storage\.)?(Complex|Q)\w+Storage|torch\.(complex|float8_|quint|qint|uint)\w+|torch\._utils\._rebuild_(q|sparse|nested|meta|device|wrapper|parameter_with_state|from_type|tensor_v3)\w*)$/

/** Ordinary things that training scripts save beside the weights. */
const BOOKKEEPING: ReadonlySet<string> = new Set(
  [
    'argparse.Namespace types.SimpleNamespace datetime.datetime datetime.date datetime.timedelta torch.device decimal.Decimal',
    'pathlib.PosixPath pathlib.WindowsPath pathlib.PurePosixPath pathlib.PureWindowsPath pathlib.Path pathlib._local.PosixPath pathlib._local.WindowsPath',
    'collections.defaultdict collections.Counter collections.deque builtins.set builtins.frozenset __builtin__.set __builtin__.frozenset',
  ].flatMap((line) => line.split(' ')),
)

const MODEL_CLASS = /^(torch\.nn|torchvision|timm|torch\.fx|efficientnet_lite|efficientnet_pytorch|__main__)\./

/** Modules and names that run code or reach files and networks, with everything below them. */
const DANGEROUS: ReadonlySet<string> = new Set(
  [
    'os posix nt subprocess sys runpy pty socket shutil ctypes importlib marshal types operator _operator functools pickle _pickle cPickle dill joblib',
    'pip ensurepip venv pydoc pkgutil pathlib bdb pdb profile cProfile trace timeit doctest code codeop asyncio logging _io io tempfile inspect',
    'urllib http requests ssl smtplib imaplib ftplib cloudpickle webbrowser idlelib lib2to3 distutils setuptools uuid _osx_support _aix_support _pyrepl test',
    'numpy.f2py numpy.testing numpy.load numpy.distutils torch.load torch.hub torch.jit torch._inductor torch._dynamo torch.serialization.load torch.package',
    'torch.utils.collect_env torch.utils.bottleneck torch.utils._config_module torch.utils.data.datapipes torch.utils.cpp_extension torch.fx.experimental',
    'torch.distributed.elastic codecs.open',
  ].flatMap((line) => line.split(' ')),
)
const HARMLESS_BUILTINS: ReadonlySet<string> = new Set(
  'set frozenset list dict tuple int float complex bool str bytes bytearray slice object'.split(' '),
)

/** No entry of the table has more parts. */
const MAX_PARTS = 4

function isDangerous({ module, name }: Named): boolean {
  if (module === 'builtins' || module === '__builtin__') return !HARMLESS_BUILTINS.has(name)
  const parts = `${module}.${name}`.split('.', MAX_PARTS)
  return parts.some((_part, index) => DANGEROUS.has(parts.slice(0, index + 1).join('.')))
}
export function refusalReason(global: Named): RefusalReason {
  const dotted = `${global.module}.${global.name}`
  if (BOOKKEEPING.has(dotted)) return 'object'
  if (isDangerous(global)) return 'dangerous'
  if (NUMPY_VALUE.test(dotted)) return 'numpy'
  if (OTHER_TENSOR.test(dotted)) return 'tensor-kind'
  return MODEL_CLASS.test(dotted) ? 'model' : 'unknown'
}
