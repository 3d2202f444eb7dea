/** Every Python name that malicious files are known to call is refused, by name, in every form of file. */
import { expect, test } from 'vitest'
import { COMMAND, failureOf, formsOf } from './hostile-forms'
import { bytesOf, global, tuple, unicode } from './opcode-assembly'

/** Module, then names in it. */
const DANGEROUS: readonly (readonly [string, string])[] = [
  ['os', 'system popen execl execv execve spawnl spawnv posix_spawn remove rmdir unlink rename kill putenv'],
  ['posix', 'system popen execv open unlink'],
  ['nt', 'system popen'],
  ['subprocess', 'Popen run call check_call check_output getoutput getstatusoutput'],
  ['builtins', 'eval exec compile open getattr __import__ breakpoint globals apply input setattr delattr vars locals map filter type'],
  ['__builtin__', 'eval exec compile open getattr __import__ breakpoint globals apply execfile file reduce'],
  ['sys', 'exit setprofile settrace modules.pop'],
  ['runpy', 'run_path run_module _run_code _run_module_as_main'],
  ['pty', 'spawn'],
  ['socket', 'socket create_connection'],
  ['shutil', 'rmtree copy move'],
  ['ctypes', 'CDLL cdll.LoadLibrary'],
  ['importlib', 'import_module reload machinery.SourceFileLoader'],
  ['marshal', 'loads load'],
  ['types', 'CodeType FunctionType'],
  ['operator', 'attrgetter itemgetter methodcaller'],
  ['_operator', 'attrgetter itemgetter methodcaller'],
  ['functools', 'partial reduce'],
  ['pickle', 'loads load Unpickler'],
  ['_pickle', 'loads load'],
  ['cPickle', 'loads'],
  ['torch', 'load hub.load'],
  ['torch.serialization', 'load'],
  ['torch.hub', 'load'],
  ['pip', 'main _internal.main'],
  ['pip._internal', 'main'],
  ['ensurepip', '_run_pip'],
  ['venv', 'create'],
  ['pydoc', 'locate pipepager'],
  ['pkgutil', 'resolve_name'],
  ['bdb', 'Bdb.run'],
  ['pdb', 'run Pdb.run'],
  ['profile', 'run runctx Profile.run'],
  ['cProfile', 'run runctx'],
  ['trace', 'Trace.run Trace.runctx'],
  ['timeit', 'timeit main'],
  ['doctest', 'debug_script'],
  ['code', 'InteractiveInterpreter InteractiveInterpreter.runcode'],
  ['idlelib.autocomplete', 'AutoComplete.get_entity'],
  ['idlelib.calltip', 'Calltip.fetch_tip get_entity'],
  ['idlelib.debugobj', 'ObjectTreeItem.SetText'],
  ['idlelib.pyshell', 'ModifiedInterpreter.runcommand'],
  ['idlelib.run', 'Executive.runcode'],
  ['lib2to3.pgen2.grammar', 'Grammar.loads'],
  ['lib2to3.pgen2.pgen', 'ParserGenerator.make_label'],
  ['asyncio.unix_events', '_UnixSubprocessTransport._start'],
  ['logging', 'FileHandler'],
  ['logging.config', '_resolve'],
  ['_io', 'FileIO'],
  ['io', 'open FileIO'],
  ['distutils.file_util', 'write_file'],
  ['urllib.request', 'urlopen urlretrieve'],
  ['ssl', 'get_server_certificate'],
  ['smtplib', 'SMTP'],
  ['imaplib', 'IMAP4_stream IMAP4'],
  ['uuid', '_get_command_stdout'],
  ['_osx_support', '_read_output _find_build_tool'],
  ['_aix_support', '_read_cmd_output'],
  ['_pyrepl.pager', 'pipe_pager tempfile_pager'],
  ['test.support.script_helper', 'assert_python_ok'],
  ['test', 'support.os.system'],
  ['numpy.f2py.crackfortran', 'getlincoef myeval _eval_length'],
  ['numpy.testing._private.utils', 'runstring'],
  ['torch._inductor.codecache', 'compile_file'],
  ['torch.utils.collect_env', 'run'],
  ['torch.utils.bottleneck.__main__', 'run_cprofile run_autograd_prof'],
  ['torch._dynamo.guards', 'GuardBuilder.get'],
  ['torch.fx.experimental.symbolic_shapes', 'ShapeEnv.evaluate_guards_expression'],
  ['torch.jit.unsupported_tensor_ops', 'execWrapper'],
  ['torch.utils._config_module', 'ConfigModule.load_config'],
  ['torch.utils.data.datapipes.utils.decoder', 'basichandlers'],
  ['cloudpickle', 'loads cloudpickle._make_function'],
  ['cloudpickle.cloudpickle', '_builtin_type subimport'],
  ['webbrowser', 'open'],
  ['pathlib', 'os.system Path.write_text Path.unlink'],
]

const NAMES = DANGEROUS.flatMap(([module, names]) => names.split(' ').map((name) => [module, name] as const))

test.each(NAMES)('%s.%s is refused by its full name', (module, name) => {
  for (const [form, bytes] of formsOf(global(module, name), tuple(COMMAND), 'R')) {
    const failure = failureOf(bytes)
    expect(failure.code, form).toBe('REFUSED')
    expect(failure.message, form).toContain(`"${module}.${name}"`)
    // The advice for a file that would run code, not the one for an honest file of another kind.
    expect(failure.action, form).toMatch(/^Do not open this file in Python/)
  }
  // The same name in two texts on the stack, as protocol 4 has it.
  for (const [form, bytes] of formsOf(unicode(module), unicode(name), 0x93, tuple(COMMAND), 'R')) {
    expect(failureOf(bytes).message, form).toMatch(/STACK_GLOBAL/)
    expect(failureOf(bytes).message, form).toContain(`"${module}.${name}"`)
  }
  // And only mentioned, never called: a later pickle of the file might.
  expect(failureOf(bytesOf(0x80, 2, global(module, name), '.')).message).toContain(`"${module}.${name}"`)
})

test('the gravest name comes first, before any number of others', () => {
  const names = Array.from({ length: 2000 }, (_, index) => [global('package', `Class${index}`), '0'])
  for (const [form, bytes] of formsOf(names, global('os', 'system'), tuple(COMMAND), 'R')) {
    expect(failureOf(bytes).message, form).toMatch(/never need: "os\.system", "package\.Class0", .* \d+ more, the pickle opcode POP/)
  }
})

/** Honest files that weights alone would replace: the advice is how to save them. */
test.each([
  ['a NumPy number', 'numpy.core.multiarray', 'scalar', /NumPy values/, /float\(value\)/],
  ['a NumPy number of NumPy 2', 'numpy._core.multiarray', 'scalar', /NumPy values/, /float\(value\)/],
  ['a NumPy array', 'numpy.core.multiarray', '_reconstruct', /NumPy values/, /tolist\(\)/],
  ['the arguments of a script', 'argparse', 'Namespace', /other Python objects/, /state_dict\(\)/],
  ['a path', 'pathlib', 'PosixPath', /other Python objects/, /state_dict\(\)/],
  ['a default dict', 'collections', 'defaultdict', /other Python objects/, /state_dict\(\)/],
  ['a device', 'torch', 'device', /other Python objects/, /state_dict\(\)/],
  ['complex numbers', 'torch', 'ComplexFloatStorage', /dense tensors of ordinary numbers/, /float\(\)/],
  ['quantised numbers', 'torch', 'QInt8Storage', /dense tensors of ordinary numbers/, /quantisation/],
  ['a quantised tensor', 'torch._utils', '_rebuild_qtensor', /dense tensors of ordinary numbers/, /quantisation/],
  ['a sparse tensor', 'torch._utils', '_rebuild_sparse_tensor', /dense tensors of ordinary numbers/, /sparse/],
  ['a tensor of unsigned integers', 'torch._utils', '_rebuild_tensor_v3', /dense tensors of ordinary numbers/, /float\(\)/],
  ['a whole model', 'torch.nn.modules.conv', 'Conv2d', /whole model/, /state_dict\(\)/],
  ['a model of torchvision', 'torchvision.models.resnet', 'ResNet', /whole model/, /state_dict\(\)/],
  ['a model of the script itself', '__main__', 'Net', /whole model/, /state_dict\(\)/],
])('%s is refused by its name, with how to save it', (_what, module, name, message, action) => {
  for (const [form, bytes] of formsOf(global(module, name), tuple(), 'R')) {
    const failure = failureOf(bytes)
    expect(failure.code, form).toBe('REFUSED')
    expect(failure.message, form).toContain(`"${module}.${name}"`)
    expect(failure.message, form).toMatch(message)
    expect(failure.action, form).toMatch(action)
  }
})

test('a name that would drive a terminal or turn the text around is made safe', () => {
  for (const [, bytes] of formsOf(global('os\x1b[2J', '\xe2\x80\xaex'), ')R')) {
    expect(failureOf(bytes).message).toMatch(/"os\\u\{1b\}\[2J\.\\u\{202e\}x"/)
  }
})
