// The packages of package-lock.json, installed without their install scripts.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readJsonSync, SetupError } from './context.mjs'
import { findNpmProgram } from './npm.mjs'
import { lastLines, runProgram } from './process.mjs'

const stampName = '.graft-setup.json'
const watchMs = 1000

export const dependencies = {
  name: 'dependencies',

  /** True where node_modules was installed from exactly this lock file, on this kind of system. */
  isDone(context) {
    const stamp = readJsonSync(join(context.root, 'node_modules', stampName))
    return stamp !== undefined && stamp.lock === lockHash(context.root) && stamp.system === systemName()
  },

  async run(reporter, context) {
    if (hasAllPackages(context.root)) {
      await writeStamp(context.root)
      return
    }
    const lock = readJsonSync(join(context.root, 'package-lock.json'))
    const total = Object.keys(lock?.packages ?? {}).length
    reporter.start(`Dependencies: installing up to ${total} packages with npm (about 1 GB on disk)`)
    const npm = findNpmProgram(context.environment)
    if (!npm) throw new SetupError('npm was not found.', 'Install Node 20.19 or newer from nodejs.org; npm comes with it.')
    const expectedFolders = countExpected(lock)
    const watch = setInterval(() => {
      countPackages(context.root)
        .then((count) => reporter.progress('packages', Math.min(count, expectedFolders), expectedFolders, String))
        .catch(() => {})
    }, watchMs)
    const { code, output } = await runProgram(process.execPath, [npm, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress'], {
      cwd: context.root,
      environment: { ...context.environment, ELECTRON_SKIP_BINARY_DOWNLOAD: '1', ONNXRUNTIME_NODE_INSTALL: 'skip' },
    })
    clearInterval(watch)
    const logPath = await keepLog(context.cache, output)
    if (code !== 0) {
      throw new SetupError(
        `npm ci ended with code ${code}. Its last words (all of them: ${logPath}):\n${lastLines(output)}`,
        'Check the network (and the proxy or registry that npm is set up with) and the free disk, then run the same command again.',
      )
    }
    await writeStamp(context.root)
    reporter.done(`${await countPackages(context.root)} packages`)
  },
}

const systemName = () => `${process.platform}-${process.arch}`

function lockHash(root) {
  const path = join(root, 'package-lock.json')
  return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'no lock file'
}

// npm writes node_modules/.package-lock.json when an install is complete; an install made by hand is as good as ours.
function hasAllPackages(root) {
  const wanted = readJsonSync(join(root, 'package-lock.json'))?.packages
  const present = readJsonSync(join(root, 'node_modules', '.package-lock.json'))?.packages
  if (!wanted || !present) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true
    const found = present[path]
    // Optional packages of other systems stay away.
    if (!found) return entry.optional === true || entry.devOptional === true || entry.peer === true
    return found.version === entry.version && existsSync(join(root, path, 'package.json'))
  })
}

// Packages for other systems and those nested in another one do not show up as a folder of their own.
function countExpected(lock) {
  const fits = (list, name) => !list || list.includes(name)
  return Object.entries(lock?.packages ?? {}).filter(
    ([path, entry]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && fits(entry.os, process.platform) && fits(entry.cpu, process.arch) && fits(entry.libc, 'glibc'),
  ).length
}

// npm makes all folders first and fills them later: a package is there when its package.json is.
async function countPackages(root) {
  let count = 0
  const modules = join(root, 'node_modules')
  for (const name of await readdir(modules)) {
    if (name.startsWith('.')) continue
    const paths = name.startsWith('@') ? (await readdir(join(modules, name))).map((inner) => join(name, inner)) : [name]
    count += paths.filter((path) => existsSync(join(modules, path, 'package.json'))).length
  }
  return count
}

async function keepLog(cache, output) {
  const folder = join(cache, 'logs')
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'npm-ci.log')
  await writeFile(path, output)
  return path
}

function writeStamp(root) {
  const stamp = { lock: lockHash(root), system: systemName(), date: new Date().toISOString() }
  return writeFile(join(root, 'node_modules', stampName), `${JSON.stringify(stamp, null, 2)}\n`)
}
