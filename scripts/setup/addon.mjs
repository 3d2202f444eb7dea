// Compiles the Node addon of @tensorflow/tfjs-node-gpu over a TensorFlow library, with the node-gyp that comes inside npm.
import { existsSync, realpathSync } from 'node:fs'
import { cp, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findProgram, SetupError } from './context.mjs'
import { lastLines, runProgram } from './process.mjs'

/** The names of the tools to compile with that are not on PATH. */
export function missingBuildTools(environment = process.env, platform = process.platform) {
  if (platform === 'win32') return ['a supported compiler (the package brings its own build on Windows)']
  const alternatives = [
    [environment.CXX, 'c++', 'g++', 'clang++'],
    ['make', 'gmake'],
    ['python3', 'python'],
  ]
  const labels = ['a C++ compiler (g++ or clang++)', 'make', 'python3']
  return labels.filter((_, index) => !alternatives[index].some((name) => name && findProgram(name, environment)))
}

/** How to get a compiler, by system. */
export function compilerAdvice(platform = process.platform) {
  if (platform === 'darwin') return 'Run: xcode-select --install'
  if (platform === 'win32') return 'Nothing to install: set-up uses the package’s own download on Windows.'
  return 'On Debian or Ubuntu: apt-get install g++ make python3. On Fedora: dnf install gcc-c++ make python3.'
}

/** node-gyp's program file: inside the npm that runs this, or beside this Node. */
function findNodeGyp(environment) {
  const execFolder = dirname(realpathSync(process.execPath))
  const npmOnPath = findProgram('npm', environment)
  const npmFolders = [
    environment.npm_execpath && join(dirname(environment.npm_execpath), '..'),
    join(execFolder, '..', 'lib', 'node_modules', 'npm'),
    join(execFolder, 'node_modules', 'npm'),
    npmOnPath && join(dirname(realpathSync(npmOnPath)), '..'),
    '/usr/share/nodejs',
    '/usr/share',
  ]
  for (const folder of npmFolders) {
    if (!folder) continue
    for (const candidate of [join(folder, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js'), join(folder, 'node-gyp', 'bin', 'node-gyp.js')]) {
      if (existsSync(candidate)) return candidate
    }
  }
  return undefined
}

/** The prefix below which Node's own headers lie (official archives carry them beside the program), or undefined. */
function findNodeHeaders() {
  const prefixes = [dirname(dirname(realpathSync(process.execPath))), '/usr', '/usr/local']
  return prefixes.find((prefix) => existsSync(join(prefix, 'include', 'node', 'node_api.h')))
}

/**
 * Compiles folder/lib/napi-v8/tfjs_binding.node against folder/deps/{lib,include}, and removes the headers afterwards.
 * @param {string} folder the engine being made
 * @param {{ root: string, environment: NodeJS.ProcessEnv }} context
 */
export async function buildAddon(folder, context) {
  const origin = join(context.root, 'node_modules', '@tensorflow', 'tfjs-node-gpu')
  const nodeGyp = findNodeGyp(context.environment)
  if (!nodeGyp) throw new SetupError('node-gyp was not found inside npm.', 'Install npm with Node from nodejs.org, then run the same command again.')
  for (const name of ['binding', 'binding.gyp', 'package.json']) await cp(join(origin, name), join(folder, name), { recursive: true })
  await mkdir(join(folder, 'lib', 'napi-v8'), { recursive: true })
  const headers = findNodeHeaders()
  const { code, output } = await runProgram(
    process.execPath,
    [
      nodeGyp,
      'configure',
      'build',
      '--module_name=tfjs_binding',
      `--module_path=${join(folder, 'lib', 'napi-v8')}`,
      '--napi_build_version=8',
      ...(headers && !context.environment.npm_config_nodedir ? [`--nodedir=${headers}`] : []),
    ],
    { cwd: folder, environment: context.environment },
  )
  const addon = join(folder, 'lib', 'napi-v8', 'tfjs_binding.node')
  if (code !== 0 || !existsSync(addon)) {
    throw new SetupError(
      `the addon could not be compiled. The compiler's last words:\n${lastLines(output)}`,
      headers ? compilerAdvice() : `Node's headers were not found, and node-gyp could not fetch them. ${headerAdvice}`,
    )
  }
  if (process.platform === 'darwin') await relinkOnMac(addon, context.environment)
  for (const name of ['binding', 'binding.gyp', 'package.json', 'build', join('deps', 'include')]) {
    await rm(join(folder, name), { recursive: true, force: true })
  }
}

const headerAdvice = 'Use Node from nodejs.org (it carries them), or install libnode-dev (Debian, Ubuntu) or nodejs-devel (Fedora).'

// The wheel's library calls itself libtensorflow_cc, which binding.gyp does not know. Changing a load path voids the signature that macOS asks for.
async function relinkOnMac(addon, environment) {
  const from = '@rpath/libtensorflow_cc.2.dylib'
  const to = '@loader_path/../../deps/lib/libtensorflow_cc.2.dylib'
  await runProgram('install_name_tool', ['-change', from, to, addon], { environment })
  await runProgram('codesign', ['--force', '--sign', '-', addon], { environment })
}
