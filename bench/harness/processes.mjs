// Processes that are measured: their time, the peak of their memory with all their children's, and the JSON lines they print.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Resident bytes of a process and all its descendants (Linux; 0 elsewhere). */
function treeBytes(pid) {
  try {
    const resident = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
    return children.reduce((sum, child) => sum + treeBytes(child), resident)
  } catch {
    return 0
  }
}

/** @returns {Promise<{ seconds: number, peakBytes: number, lines: object[] }>} */
export function measured(command, parameters, environment = {}) {
  return new Promise((done, fail) => {
    const startedAt = performance.now()
    const child = spawn(command, parameters, { cwd: root, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let complaints = ''
    let peakBytes = 0
    const watch = setInterval(() => (peakBytes = Math.max(peakBytes, treeBytes(child.pid))), 50)
    child.stdout.on('data', (data) => (output += data))
    child.stderr.on('data', (data) => (complaints += data))
    child.on('error', fail)
    child.on('close', (code) => {
      clearInterval(watch)
      if (code !== 0) fail(new Error(`${command} ${parameters.join(' ')} ended with ${code}\n${complaints.slice(-2000)}`))
      else done({ seconds: (performance.now() - startedAt) / 1000, peakBytes, lines: jsonLines(output) })
    })
  })
}

const jsonLines = (output) => output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))

/** What a function of our own sources returns, run in a process of its own. */
export async function ours(file, name, question, environment = {}) {
  const result = await measured(process.execPath, [join(root, 'bench', 'ours.mjs'), join(root, 'bench', 'peer', file), name, JSON.stringify(question)], environment)
  return { ...result.lines.at(-1), peakBytes: result.peakBytes }
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]
