// How long from pressing Train to the first accuracy on pictures that were not learned from, with nothing kept from earlier runs.
//
//   node bench/first-answer.mjs --data FOLDER_PER_CLASS [--presets fast,balanced] [--repeat 1] [--out FILE.json]
//
// Each run is the command line's, from the call on, so that the start of a program is in it; it has its own data and empty caches (pictures, features, and what
// was measured of this machine: only engine and weights are there), and is stopped after its first epoch. Told are wall clock, processor seconds of all its processes up to then (Linux; what the wall clock would be
// divided by the cores, were all of it at work at once), and when each phase began. The bar is 20 s on 400 pictures and 2 cores. Nothing is asserted.
// The system's own cache of files is left as it is. Run it on an otherwise idle machine, built; GRAFT_PROGRAM names the cli.js of another build.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, homedir, loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { values: options } = parseArgs({
  options: { data: { type: 'string' }, presets: { type: 'string', default: 'fast,balanced' }, repeat: { type: 'string', default: '1' }, out: { type: 'string' } },
})
if (options.data === undefined) {
  console.error('Expected --data FOLDER, a folder of pictures with one sub-folder a class.')
  process.exit(2)
}
const program = process.env['GRAFT_PROGRAM'] ?? join(root, 'out', 'main', 'cli.js')
if (!existsSync(program)) {
  console.error('Nothing is built: npm run build first.')
  process.exit(2)
}

/** Ticks of a process' clock in a second. */
const TICKS = process.platform === 'linux' ? Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) : 100

/** Processor seconds of a process and its children, those that have ended counted; null where that cannot be told. */
function processorSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')
    const own = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
    return children.reduce((sum, child) => sum + (processorSeconds(child) ?? 0), own)
  } catch {
    return null
  }
}

/** Where set-up has put engine and weights, on Linux or where the variable says. */
const CACHE = process.env['GRAFT_CACHE_DIR'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'graft')

/** A cache folder with these two alone. Elsewhere the system's own is used, with what was measured of the machine. */
function emptyCache(home) {
  const names = ['engine', 'weights'].filter((name) => existsSync(join(CACHE, name)))
  if (names.length < 2) return {}
  const cache = join(home, 'cache')
  mkdirSync(cache)
  for (const name of names) symlinkSync(join(CACHE, name), join(cache, name))
  return { GRAFT_CACHE_DIR: cache }
}

/** One run up to the end of its first epoch. */
function firstAnswer(preset) {
  const home = mkdtempSync(join(tmpdir(), 'graft-first-'))
  const load = loadavg()[0]
  const folders = { GRAFT_DATA_DIR: join(home, 'data'), GRAFT_PICTURE_CACHE_DIR: join(home, 'pictures'), GRAFT_FEATURE_CACHE_DIR: join(home, 'features') }
  const env = { ...process.env, ...emptyCache(home), ...folders }
  return new Promise((done, fail) => {
    const began = performance.now()
    const child = spawn(process.execPath, [program, 'train', options.data, '--preset', preset, '--out', join(home, 'run'), '--json'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const phases = []
    let answer = null
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('{') || answer !== null) return
      const event = JSON.parse(line)
      const seconds = (performance.now() - began) / 1000
      const phase = event.event === 'prepare' || event.event === 'progress' ? event.phase : event.event === 'start' ? 'started' : null
      if (phase !== null && phases.at(-1)?.phase !== phase) phases.push({ phase, seconds })
      if (event.event !== 'epoch') return
      answer = { preset, seconds, processorSeconds: processorSeconds(child.pid), accuracy: event.val_accuracy, load, phases }
      child.kill('SIGINT')
    })
    child.on('close', (code) => {
      rmSync(home, { recursive: true, force: true })
      if (answer === null) fail(new Error(`graft train ended with ${code} before its first epoch was over.`))
      else done(answer)
    })
  })
}

console.log(`${availableParallelism()} cores, ${cpus()[0]?.model ?? ''}`)
const rows = []
for (const preset of options.presets.split(',')) {
  for (let i = 0; i < Number(options.repeat); i++) {
    const row = await firstAnswer(preset)
    rows.push(row)
    const processor = row.processorSeconds === null ? '' : `, ${row.processorSeconds.toFixed(1)} s of processor`
    console.log(`${preset}: first validation accuracy ${(row.accuracy * 100).toFixed(1)} % after ${row.seconds.toFixed(1)} s${processor}, load before ${row.load.toFixed(1)}`)
    console.log(`  ${row.phases.map(({ phase, seconds }) => `${phase} ${seconds.toFixed(1)}`).join(' · ')}`)
  }
}
if (options.out !== undefined) writeFileSync(options.out, JSON.stringify({ cores: availableParallelism(), cpu: cpus()[0]?.model, node: process.version, rows }, null, 2))
