// The engine: TensorFlow's C library and the Node addon over it. Kept in the user's cache, linked into node_modules.
// A kept engine is <cache>/engine/<key>/{deps/lib, lib/napi-v8/tfjs_binding.node, engine.json}: the layout the addon's rpath expects.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { cp, mkdir, readdir, rename, rm, statfs, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { buildAddon, compilerAdvice, missingBuildTools } from './addon.mjs'
import { readJsonSync, SetupError } from './context.mjs'
import { addonVersion, headerFolders, packageVersion, wheels } from './engine-sources.mjs'
import { withLock } from './lock.mjs'
import { lastLines, runProgram } from './process.mjs'
import { fetchWheel, findPip, hashFile, pipAdvice } from './wheel.mjs'
import { destinationBelow, openZip } from './zip.mjs'

const packageName = '@tensorflow/tfjs-node-gpu'
const infoName = 'engine.json'
const infoFormat = 1

export const engine = {
  name: 'engine',

  /** True where node_modules holds a whole engine of the kind asked for. Reads a few file sizes, starts nothing. */
  isDone(context) {
    const installed = installedFolder(context)
    if (installed === undefined) return false
    const info = readEngineInfo(installed)
    return info !== undefined && info.verified === true && serves(info, context.engine)
  },

  async run(reporter, context) {
    const candidates = await listCandidates(context)
    const problems = []
    for (const candidate of candidates) {
      const kept = join(context.cache, 'engine', candidate.key)
      if (!readEngineInfo(kept)) continue
      try {
        await useEngine(kept, reporter, context)
        return
      } catch (error) {
        if (!(error instanceof SetupError)) throw error
        reporter.fail(error.message)
        problems.push({ what: `${candidate.title}: ${error.message}`, action: error.action })
      }
    }
    for (const candidate of candidates) {
      const lack = await candidate.lacks()
      if (lack) {
        problems.push(lack)
        continue
      }
      try {
        const kept = await makeEngine(candidate, reporter, context)
        await useEngine(kept, reporter, context)
        return
      } catch (error) {
        if (!(error instanceof SetupError)) throw error
        reporter.fail(error.message)
        problems.push({ what: `${candidate.title}: ${error.message}`, action: error.action })
      }
    }
    throw new SetupError(
      `No engine (TensorFlow's library for Node) could be set up.\n${problems.map(({ what }) => `  - ${what}`).join('\n')}`,
      [...new Set(problems.map(({ action }) => action).filter(Boolean))].map((action) => `\n  - ${action}`).join(''),
    )
  },
}

/**
 * The description of a whole engine in a folder, or undefined where it is missing, of another format, or a file has another size than it had.
 * @returns {{ format: number, version: string, source: string, addonVersion: string, date: string, verified?: boolean,
 *   files: Array<{ path: string, sizeBytes: number, sha256: string }> } | undefined}
 */
export function readEngineInfo(folder) {
  const info = readJsonSync(join(folder, infoName))
  if (info?.format !== infoFormat || !Array.isArray(info.files)) return undefined
  for (const file of info.files) {
    const found = statSync(join(folder, file.path), { throwIfNoEntry: false })
    if (found?.size !== file.sizeBytes) return undefined
  }
  return info
}

/** The kept engine that node_modules points to, or undefined. */
function installedFolder(context) {
  const target = join(context.root, 'node_modules', packageName)
  try {
    const library = realpathSync(join(target, 'deps'))
    const addon = realpathSync(join(target, 'lib'))
    return dirname(library) === dirname(addon) ? dirname(library) : undefined
  } catch {
    return undefined
  }
}

function serves(info, wanted) {
  if (wanted === 'auto') return true
  if (wanted === 'wheel' || wanted === 'package') return info.source === wanted
  return info.source === 'folder' && info.folder === resolve(wanted)
}

/** What may become the engine here, best first. Exported for its tests. */
export async function listCandidates(context, platform = process.platform, arch = process.arch) {
  const key = (version, source) => `tensorflow-${version}-${source}-${platform}-${arch}-addon-${addonVersion}`
  const wheel = wheels[`${platform}-${arch}`]
  const all = {
    wheel: wheel && {
      source: 'wheel',
      title: `TensorFlow ${wheel.version} from its Python wheel`,
      version: wheel.version,
      key: key(wheel.version, 'wheel'),
      needBytes: wheel.sizeBytes + wheel.unpackedBytes,
      lacks: () => wheelLacks(context, platform),
      make: (folder, reporter) => makeFromWheel(wheel, folder, reporter, context),
    },
    package: {
      source: 'package',
      title: `TensorFlow ${packageVersion(platform, arch)} from the package's own download`,
      version: packageVersion(platform, arch),
      key: key(packageVersion(platform, arch), 'package'),
      needBytes: 1_500_000_000,
      lacks: async () => undefined,
      make: (folder, reporter) => makeFromPackage(folder, reporter, context),
    },
  }
  if (context.engine === 'auto') return [all.wheel, all.package].filter(Boolean)
  if (context.engine === 'package') return [all.package]
  if (context.engine === 'wheel') {
    if (!all.wheel) throw new SetupError(`There is no TensorFlow wheel for ${platform} ${arch}.`, 'Use --engine package, or --engine with a folder.')
    return [all.wheel]
  }
  const folder = resolve(context.engine)
  if (!existsSync(folder)) {
    throw new SetupError(
      `The engine was asked for as ${JSON.stringify(context.engine)}; expected auto, wheel, package, or a folder that exists.`,
      'Correct --engine or GRAFT_ENGINE.',
    )
  }
  return [
    {
      source: 'folder',
      title: `TensorFlow from ${folder}`,
      version: 'own',
      key: `${key('own', 'folder')}-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`,
      needBytes: 1_000_000,
      lacks: async () => buildToolsLack(context, platform),
      make: (target, reporter) => makeFromFolder(folder, target, reporter, context),
    },
  ]
}

async function wheelLacks(context, platform) {
  if (platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime) {
    return { what: 'TensorFlow wheel: it needs glibc, and this system has another C library (musl).', action: 'Use a glibc system such as Debian.' }
  }
  const lacks = [buildToolsLack(context, platform)]
  if (!(await findPip(context.environment))) {
    lacks.push({ what: 'TensorFlow wheel: no working pip was found (python3 -m pip, pip3, pip).', action: pipAdvice(platform) })
  }
  const found = lacks.filter(Boolean)
  if (found.length === 0) return undefined
  return { what: found.map(({ what }) => what).join('\n  - '), action: found.map(({ action }) => action).join('\n  - ') }
}

function buildToolsLack(context, platform) {
  const missing = missingBuildTools(context.environment, platform)
  if (missing.length === 0) return undefined
  return { what: `TensorFlow wheel: not found on PATH: ${missing.join(', ')} (to compile the addon).`, action: compilerAdvice(platform) }
}

/** Makes the engine in a temporary folder, then gives it its name in one step: nobody ever sees half an engine. */
async function makeEngine(candidate, reporter, context) {
  const parent = join(context.cache, 'engine')
  const kept = join(parent, candidate.key)
  await mkdir(parent, { recursive: true })
  reporter.start(`Engine: ${candidate.title}`)
  return withLock(
    join(parent, `${candidate.key}.lock`),
    async () => {
      if (readEngineInfo(kept)) {
        reporter.done('another set-up has finished it')
        return kept
      }
      await removeLeftovers(parent, candidate.key)
      await checkSpace(parent, candidate.needBytes)
      const temporary = join(parent, `${candidate.key}.tmp-${process.pid}`)
      await mkdir(temporary, { recursive: true })
      try {
        const more = await candidate.make(temporary, reporter)
        await writeEngineInfo(temporary, { version: candidate.version, source: candidate.source, ...more })
        await rm(kept, { recursive: true, force: true })
        await rename(temporary, kept)
      } finally {
        await rm(temporary, { recursive: true, force: true })
      }
      await rm(join(parent, 'downloads'), { recursive: true, force: true })
      reporter.done(`kept in ${kept}`)
      return kept
    },
    (pid) => reporter.note(`waiting for another set-up (process ${pid})`),
  )
}

async function removeLeftovers(parent, key) {
  for (const name of await readdir(parent)) {
    if (name.startsWith(`${key}.tmp-`)) await rm(join(parent, name), { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}

async function checkSpace(folder, needBytes) {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= needBytes * 1.1) return
  throw new SetupError(
    `The engine needs ${(needBytes / 1e9).toFixed(1)} GB of free disk in ${folder}; ${((bavail * bsize) / 1e9).toFixed(1)} GB are free.`,
    'Free some disk, or set GRAFT_CACHE_DIR to a folder on a larger one.',
  )
}

async function writeEngineInfo(folder, more) {
  const files = []
  const paths = ['lib/napi-v8/tfjs_binding.node', ...readdirSync(join(folder, 'deps', 'lib')).map((name) => `deps/lib/${name}`)]
  const { hashes = {}, ...facts } = more
  for (const path of paths.sort()) {
    const { size } = statSync(join(folder, path))
    files.push({ path, sizeBytes: size, sha256: hashes[path] ?? (await hashFile(join(folder, path))) })
  }
  const info = { format: infoFormat, addonVersion, platform: process.platform, arch: process.arch, date: new Date().toISOString(), ...facts, files }
  await writeAtomic(join(folder, infoName), `${JSON.stringify(info, null, 2)}\n`)
}

async function writeAtomic(path, text) {
  const temporary = `${path}.tmp-${process.pid}`
  await writeFile(temporary, text, { flush: true })
  await rename(temporary, path)
}

async function makeFromWheel(wheel, folder, reporter, context) {
  if (!wheel.tested) reporter.note(`this recipe has not been run on ${process.platform} ${process.arch} before`)
  const path = await fetchWheel(wheel, join(context.cache, 'engine', 'downloads'), reporter, context.environment)
  const zip = await openZip(path)
  const hashes = {}
  try {
    const libraries = wheel.libraries.map((library) => {
      const entry = zip.entries.find(({ name }) => name === library.member)
      if (!entry) throw new SetupError(`${wheel.file} does not hold ${library.member}, which the engine needs.`, 'Use --engine package.')
      return { ...library, entry }
    })
    const headers = zip.entries.filter(({ name }) => !name.endsWith('/') && headerFolders.some((prefix) => name.startsWith(prefix)))
    const totalBytes = [...libraries.map(({ entry }) => entry), ...headers].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    let doneBytes = 0
    const onBytes = (bytes) => {
      doneBytes += bytes
      reporter.progress('unpacking', doneBytes, totalBytes)
    }
    for (const { entry, name, link } of libraries) {
      const { sha256 } = await zip.extract(entry, join(folder, 'deps', 'lib', name), onBytes)
      hashes[`deps/lib/${name}`] = sha256
      hashes[`deps/lib/${link}`] = sha256
      await symlink(name, join(folder, 'deps', 'lib', link))
    }
    for (const entry of headers) {
      await zip.extract(entry, destinationBelow(join(folder, 'deps', 'include'), entry.name.slice('tensorflow/include/'.length)), onBytes)
    }
  } finally {
    await zip.close()
  }
  reporter.note('compiling the addon')
  await buildAddon(folder, context)
  return { hashes, wheel: { file: wheel.file, sha256: wheel.sha256 } }
}

async function makeFromFolder(source, folder, reporter, context) {
  const has = (name) => existsSync(join(source, name))
  const libraryFolder = has('lib') ? join(source, 'lib') : source
  const includeFolder = join(source, 'include')
  const names = readdirSync(libraryFolder).filter((name) => /^libtensorflow[\w.]*\.(so|dylib)/.test(name))
  const main = names.find((name) => /^libtensorflow(_cc)?[.\d]*\.(so|dylib)/.test(name))
  if (!main || !existsSync(join(includeFolder, 'tensorflow', 'c', 'c_api.h'))) {
    throw new SetupError(
      `Expected libtensorflow (or libtensorflow_cc) and include/tensorflow/c/c_api.h in ${source}; one of them is not there.`,
      'Name the folder libtensorflow was unpacked to, or the "tensorflow" folder of a Python installation.',
    )
  }
  const target = join(folder, 'deps', 'lib')
  await mkdir(target, { recursive: true })
  for (const name of names) await symlink(join(libraryFolder, name), join(target, name))
  const extension = process.platform === 'darwin' ? '2.dylib' : 'so'
  for (const base of ['libtensorflow', 'libtensorflow_framework']) {
    const plain = `${base}.${extension}`
    const real = names.find((name) => name.startsWith(base === 'libtensorflow' ? main : base))
    if (real && !names.includes(plain)) await symlink(real, join(target, plain))
  }
  await symlink(includeFolder, join(folder, 'deps', 'include'))
  reporter.note('compiling the addon')
  await buildAddon(folder, context)
  return { folder: source }
}

/** Runs the package's own install script on a copy of the package, so that an interruption leaves node_modules as it was. */
async function makeFromPackage(folder, reporter, context) {
  const origin = join(context.root, 'node_modules', packageName)
  const work = join(folder, 'package')
  await mkdir(work, { recursive: true })
  for (const name of ['binding', 'binding.gyp', 'scripts', 'package.json']) await cp(join(origin, name), join(work, name), { recursive: true })
  const graphicsCard = process.platform === 'win32' || existsSync('/proc/driver/nvidia/version')
  reporter.note(`running the install script of ${packageName} (a download of ${graphicsCard ? '400' : '120'} MB or more from Google's storage)`)
  const modules = [join(origin, 'node_modules'), join(context.root, 'node_modules')]
  const separator = process.platform === 'win32' ? ';' : ':'
  const { code, output } = await runProgram(process.execPath, [join('scripts', 'install.js'), graphicsCard ? 'gpu' : 'cpu', 'download'], {
    cwd: work,
    environment: {
      ...context.environment,
      NODE_PATH: modules.join(separator),
      PATH: [join(context.root, 'node_modules', '.bin'), context.environment.PATH ?? context.environment.Path].join(separator),
    },
  })
  if (code !== 0 || !existsSync(join(work, 'lib')) || !existsSync(join(work, 'deps', 'lib'))) {
    throw new SetupError(
      `the package's own download failed. Its last words:\n${lastLines(output, 6)}`,
      "It needs Google's storage to be reachable. Check the network or the proxy, then run the same command again.",
    )
  }
  const built = readdirSync(join(work, 'lib')).find((name) => existsSync(join(work, 'lib', name, 'tfjs_binding.node')))
  if (!built) throw new SetupError(`the package's own download left no addon. Its last words:\n${lastLines(output, 6)}`)
  await rename(join(work, 'deps'), join(folder, 'deps'))
  await mkdir(join(folder, 'lib'))
  await rename(join(work, 'lib', built), join(folder, 'lib', 'napi-v8'))
  await rm(work, { recursive: true, force: true })
  return {}
}

/** Points node_modules at a kept engine and makes sure that it really loads. */
async function useEngine(kept, reporter, context) {
  reporter.start(`Engine: linking ${kept} into node_modules`)
  const target = join(context.root, 'node_modules', packageName)
  if (!existsSync(target)) {
    throw new SetupError(`${packageName} is not in node_modules.`, 'Delete node_modules and run the same command again.')
  }
  for (const name of ['deps', 'lib']) await replaceWithLink(join(kept, name), join(target, name))
  const { code, output } = await runProgram(process.execPath, ['--input-type=commonjs', '--eval', loadCheck], {
    cwd: context.root,
    environment: { ...context.environment, TF_CPP_MIN_LOG_LEVEL: '2', TF_ENABLE_ONEDNN_OPTS: context.environment.TF_ENABLE_ONEDNN_OPTS ?? '1' },
    timeoutMs: 120_000,
  })
  const loaded = /^GRAFT_LOADED (\S+) (\S+)$/m.exec(output)
  if (code !== 0 || !loaded) {
    await Promise.all(['deps', 'lib'].map((name) => rm(join(target, name), { recursive: true, force: true })))
    // One that loaded before and still has its checksums is kept: other checkouts use it, and the fault lies elsewhere.
    const sound = readEngineInfo(kept)?.verified === true && (await hasItsChecksums(kept))
    if (!sound) await rm(kept, { recursive: true, force: true })
    throw new SetupError(
      `the engine in ${kept} does not load${sound ? ', although its files are as they were when it did' : ' and was deleted'}:\n${lastLines(output, 8)}`,
      'Run the same command again, or try the other source: --engine wheel or --engine package.',
    )
  }
  const info = readEngineInfo(kept)
  if (info && !info.verified) await writeAtomic(join(kept, infoName), `${JSON.stringify({ ...info, version: loaded[1], verified: true }, null, 2)}\n`)
  reporter.done(`TensorFlow ${loaded[1]} loads, with the ${loaded[2]} back end`)
}

async function hasItsChecksums(folder) {
  const info = readEngineInfo(folder)
  if (!info) return false
  for (const file of info.files) {
    if ((await hashFile(join(folder, file.path))) !== file.sha256) return false
  }
  return true
}

// Node 23 dropped two functions that the 4.22 back end calls.
const loadCheck = `
const util = require('node:util')
util.isNullOrUndefined ??= (value) => value === null || value === undefined
util.isArray ??= Array.isArray
const tf = require('${packageName}')
const sum = tf.add(tf.tensor1d([1, 2]), 1).dataSync()
if (sum[1] !== 3) throw new Error('2 + 1 came out as ' + sum[1])
console.log('GRAFT_LOADED ' + tf.backend().binding.TF_Version + ' ' + tf.getBackend())
process.exit(0)
`

async function replaceWithLink(source, target) {
  const temporary = `${target}.tmp-${process.pid}`
  await rm(temporary, { recursive: true, force: true })
  try {
    await symlink(source, temporary, process.platform === 'win32' ? 'junction' : 'dir')
  } catch (error) {
    if (error.code !== 'EPERM' && error.code !== 'ENOTSUP') throw error
    await cp(source, temporary, { recursive: true, verbatimSymlinks: true })
  }
  try {
    // Renaming over an existing link is atomic: another process sees the old engine or the new one.
    await rename(temporary, target)
  } catch (error) {
    if (!['EEXIST', 'ENOTEMPTY', 'EISDIR', 'EPERM', 'ENOTDIR'].includes(error.code)) throw error
    await rm(target, { recursive: true, force: true })
    await rename(temporary, target)
  }
}
