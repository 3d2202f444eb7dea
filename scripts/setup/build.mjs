// The program itself: src/ built into out/ by electron-vite, only when something in it changed.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readJsonSync, SetupError } from './context.mjs'
import { lastLines, runProgram } from './process.mjs'

const stampName = join('out', '.graft-build.json')
const singleFiles = ['electron.vite.config.ts', 'package.json', 'package-lock.json']

export const build = {
  name: 'build',

  isDone(context) {
    const stamp = readJsonSync(join(context.root, stampName))
    return stamp !== undefined && stamp.times === timesHash(context.root) && (stamp.outputs ?? []).every((path) => existsSync(join(context.root, path)))
  },

  async run(reporter, context) {
    const { root } = context
    const stamp = readJsonSync(join(root, stampName))
    const contents = contentsHash(root)
    const times = timesHash(root)
    if (stamp?.contents === contents && stamp.outputs.every((path) => existsSync(join(root, path)))) {
      // Only the times changed, as after switching branches and back.
      await writeFile(join(root, stampName), JSON.stringify({ ...stamp, times }))
      return
    }
    reporter.start('Build: src/ into out/')
    await rm(join(root, stampName), { force: true })
    const program = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
    const { code, output } = await runProgram(process.execPath, [program, 'build', '--logLevel', 'warn'], { cwd: root, environment: context.environment })
    if (code !== 0) {
      throw new SetupError(`electron-vite ended with code ${code}:\n${lastLines(output, 30)}`, 'Run "npm run build" to see all of it.')
    }
    const outputs = ['main/index.js', 'main/cli.js', 'main/trainer.js', 'main/web-page/index.html', 'preload/preload.cjs', 'renderer/index.html']
      .map((name) => join('out', name))
      .filter((path) => existsSync(join(root, path)))
    await mkdir(join(root, 'out'), { recursive: true })
    await writeFile(join(root, stampName), JSON.stringify({ times, contents, outputs }))
    reporter.done()
  },
}

/** Every file the build reads, with its path below the root; tests are not part of it. */
function sourceFiles(root) {
  const files = singleFiles.filter((name) => existsSync(join(root, name)))
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else if (!/\.(test|spec)\.tsx?$/.test(entry.name)) files.push(path)
    }
  }
  walk('src')
  return files.sort()
}

function timesHash(root) {
  const hash = createHash('sha256')
  for (const path of sourceFiles(root)) {
    const { size, mtimeMs } = statSync(join(root, path))
    hash.update(`${path}\0${size}\0${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

function contentsHash(root) {
  const hash = createHash('sha256')
  for (const path of sourceFiles(root)) {
    hash.update(`${path}\0`)
    hash.update(readFileSync(join(root, path)))
    hash.update('\0')
  }
  return hash.digest('hex')
}
