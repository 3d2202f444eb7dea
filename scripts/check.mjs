// What `npm test` does once Node is known to be new enough.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { browser, browserAdvice, findBrowser } from './setup/browser.mjs'
import { build } from './setup/build.mjs'
import { createContext, readJsonSync } from './setup/context.mjs'
import { dependencies } from './setup/dependencies.mjs'
import { electronProgram } from './setup/electron-binary.mjs'
import { engine } from './setup/engine.mjs'
import { createReporter, formatDuration } from './setup/reporter.mjs'
import { explain, runSteps } from './setup/steps.mjs'
import { weights } from './setup/weights.mjs'

const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * The checks in order: the program in node_modules, its parameters, and whether it is a vitest run whose tests are counted one by one.
 * One that is `onlyByName` is not among all: it takes long.
 */
export const checks = [
  { name: 'types', program: 'typescript/bin/tsc', parameters: ['-b', '--pretty'] },
  { name: 'lint', program: 'eslint/bin/eslint.js', parameters: ['.', '--max-warnings=0', '--no-warn-ignored'] },
  { name: 'imports', program: 'dependency-cruiser/bin/dependency-cruise.mjs', parameters: ['src', '--config', 'dependency-cruiser.config.mjs'] },
  { name: 'unit', program: 'vitest/vitest.mjs', parameters: ['run'], vitest: true },
  { name: 'e2e', program: 'vitest/vitest.mjs', parameters: ['run', '--config', 'e2e/vitest.config.ts'], vitest: true },
  { name: 'faults', program: 'vitest/vitest.mjs', parameters: ['run', '--config', 'e2e/vitest.config.ts', 'e2e/faults'], vitest: true, environment: { GRAFT_FAULTS: 'whole' }, onlyByName: true },
  { name: 'resume', program: 'vitest/vitest.mjs', parameters: ['run', 'src/main/trainer/resume-matrix.test.ts'], vitest: true, environment: { GRAFT_RESUME_MATRIX: '1' }, onlyByName: true },
]

/**
 * Runs the set-up and the checks named (all where none is).
 * @param {string[]} names
 * @returns {Promise<number>} the exit code
 */
export async function test(names) {
  const context = createContext()
  const reporter = createReporter()
  const unknown = names.filter((name) => !checks.some((check) => check.name === name))
  if (unknown.length > 0) {
    reporter.say(`Expected some of ${checks.map(({ name }) => name).join(', ')}; came ${unknown.join(', ')}.`)
    return 1
  }
  const lacks = []
  try {
    const failures = await runSteps([dependencies, engine, weights, browser], reporter, context)
    for (const { step, error } of failures) lacks.push({ what: step.name, why: error.message, how: error.action ?? '' })
  } catch (error) {
    explain(error, reporter)
    say('0 passed, 1 failed, 0 skipped')
    return 1
  }
  // A build that fails is one more failed check: the others still have something to say.
  let buildFailed = false
  try {
    await runSteps([build], reporter, context)
  } catch (error) {
    explain(error, reporter)
    buildFailed = true
  }
  const folder = mkdtempSync(join(tmpdir(), 'graft-test-'))
  try {
    return await runChecks(names, context, folder, lacks, buildFailed)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function runChecks(names, context, folder, lacks, buildFailed) {
  const skipLog = join(folder, 'skips.jsonl')
  const environment = { ...context.environment, GRAFT_SKIP_LOG: skipLog }
  const browserPath = findBrowser(context.environment)
  if (browserPath) environment.GRAFT_BROWSER = browserPath
  else lacks.push({ what: 'specs that need a browser', why: 'no Chromium-family browser was found', how: browserAdvice() })
  if (!electronProgram(context)) {
    lacks.push({ what: 'specs that need Electron', why: "Electron's program is not in node_modules", how: 'node node_modules/electron/install.js, where its download can be reached' })
  }
  const skips = []
  const totals = { passed: buildFailed ? 0 : 1, failed: buildFailed ? 1 : 0, skipped: 0 }
  const failedChecks = buildFailed ? ['build'] : []
  for (const check of checks) {
    if (names.length > 0 ? !names.includes(check.name) : check.onlyByName) continue
    say(`\n== ${check.name}`)
    const startedAt = Date.now()
    const countsPath = join(folder, `${check.name}.json`)
    const code = await stream(check, context, { ...environment, ...check.environment, GRAFT_TEST_COUNTS: countsPath })
    const result = check.vitest ? readCounts(countsPath, code) : { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] }
    totals.passed += result.passed
    totals.failed += result.failed
    totals.skipped += result.skipped.length
    skips.push(...result.skipped)
    if (result.failed > 0) failedChecks.push(check.name)
    say(`== ${check.name}: ${result.failed > 0 ? 'failed' : 'passed'} in ${formatDuration(Date.now() - startedAt)}`)
  }
  list('Skipped tests:', skips)
  list('Skipped because this machine lacks something:', [...lacks, ...readSkipLog(skipLog)])
  if (failedChecks.length > 0) say(`\nFailed: ${failedChecks.join(', ')}`)
  say(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
  return totals.failed > 0 ? 1 : 0
}

function stream(check, context, environment) {
  const reporters = check.vitest ? ['--passWithNoTests', '--reporter=default', `--reporter=${join(context.root, 'scripts', 'test-reporter.mjs')}`] : []
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(context.root, 'node_modules', check.program), ...check.parameters, ...reporters], {
      cwd: context.root,
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    // Without this, a test run that is ended from outside would leave its vitest behind.
    const end = (signal) => {
      child.kill(signal)
      process.exit(128 + constants.signals[signal])
    }
    for (const signal of endSignals) process.on(signal, end)
    const finish = (code) => {
      for (const signal of endSignals) process.off(signal, end)
      resolve(code)
    }
    child.on('error', (error) => {
      say(error.message)
      finish(127)
    })
    child.on('close', (code) => finish(code ?? 1))
  })
}

function readCounts(path, code) {
  const counts = readJsonSync(path)
  // Without counts the runner itself broke, unless it found no tests and said so by ending well.
  if (!counts) return { passed: 0, failed: code === 0 ? 0 : 1, skipped: [] }
  const failed = counts.failed + counts.errors
  return { ...counts, failed: code !== 0 && failed === 0 ? 1 : failed }
}

function readSkipLog(path) {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      try {
        return JSON.parse(line)
      } catch {
        return { what: line, why: '', how: '' }
      }
    })
}

function list(title, skips) {
  if (skips.length === 0) return
  say(`\n${title}`)
  const seen = new Set()
  for (const { what, why, how } of skips) {
    const text = `  - ${what}${why ? `: ${why}` : ''}${how ? `\n      to have it: ${how}` : ''}`
    if (!seen.has(text)) say(text)
    seen.add(text)
  }
}

function say(text) {
  process.stdout.write(`${text}\n`)
}
