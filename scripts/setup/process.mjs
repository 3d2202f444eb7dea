// Runs other programs for set-up: output kept for the day it fails, never on stdout.
import { spawn } from 'node:child_process'

const keptOutputBytes = 200_000

/**
 * Runs a program to its end. A program that cannot be started resolves with code 127.
 * @param {string} program
 * @param {string[]} parameters
 * @param {{ cwd?: string, environment?: NodeJS.ProcessEnv, timeoutMs?: number, onOutput?: (text: string) => void, shell?: boolean }} [options]
 * @returns {Promise<{ code: number, output: string, timedOut: boolean }>}
 */
export function runProgram(program, parameters, options = {}) {
  return new Promise((resolve) => {
    let output = ''
    let timedOut = false
    const child = spawn(program, parameters, {
      cwd: options.cwd,
      env: options.environment ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: options.shell ?? false,
      windowsHide: true,
    })
    const take = (chunk) => {
      const text = chunk.toString('utf8')
      output = (output + text).slice(-keptOutputBytes)
      options.onOutput?.(text)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    const timer = options.timeoutMs
      ? setTimeout(() => {
          timedOut = true
          child.kill('SIGKILL')
        }, options.timeoutMs)
      : undefined
    child.on('error', (error) => {
      clearTimeout(timer)
      resolve({ code: 127, output: `${output}\n${error.message}`, timedOut })
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code: code ?? (signal ? 128 : 1), output, timedOut })
    })
  })
}

/** The last lines of a program's output, indented, for an error message. */
export function lastLines(output, count = 12) {
  return output
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map((line) => `    ${line}`)
    .join('\n')
}
