// Measures Graft beside PyTorch, pair by pair in one run, and prints the table of ratios; nothing is asserted. See bench/README.md.
//
//   npm run bench -- --peer "PYTHON PEER.PY" [--data FOLDER_PER_CLASS] [--whole] [--only steps,evaluation,…] [--backbones a,b] [--out FILE.json]
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { machine } from './harness/machine.mjs'
import { answer } from './parts/answer.mjs'
import { evaluation } from './parts/evaluation.mjs'
import { pictures } from './parts/pictures.mjs'
import { recipes } from './parts/recipes.mjs'
import { steps } from './parts/steps.mjs'

const { values: options } = parseArgs({
  options: {
    peer: { type: 'string' },
    data: { type: 'string' },
    whole: { type: 'boolean', default: false },
    only: { type: 'string' },
    backbones: { type: 'string' },
    rounds: { type: 'string' },
    workers: { type: 'string' },
    steps: { type: 'string' },
    out: { type: 'string' },
  },
})

const PARTS = { answer, steps, evaluation, pictures, recipes }
const named = options.only?.split(',') ?? Object.keys(PARTS)
const unknown = named.filter((name) => !(name in PARTS))
if (options.peer === undefined || unknown.length > 0) {
  console.error(options.peer === undefined ? 'Expected --peer "PYTHON PEER.PY": the PyTorch to measure against, and its script.' : `Expected some of ${Object.keys(PARTS).join(', ')}; came ${unknown.join(', ')}.`)
  process.exit(2)
}

const peer = options.peer.split(' ')
const about = machine(peer[0])
if (about.load_before > 0.5) console.error(`The machine is not idle (load ${about.load_before.toFixed(2)}): what else runs falls on both sides, but not alike.`)
const question = {
  peer,
  data: options.data ?? null,
  isWhole: options.whole,
  rounds: Number(options.rounds ?? (options.whole ? 3 : 1)),
  ...(options.workers === undefined ? {} : { workers: Number(options.workers) }),
  stepsEach: Number(options.steps ?? (options.whole ? 5 : 3)),
  ...(options.backbones === undefined ? (options.whole ? {} : { backbones: ['resnet18', 'mobilenet_v3_small'] }) : { backbones: options.backbones.split(',') }),
  say: (line) => console.error(line),
}
const rows = []
for (const name of named) rows.push(...(await PARTS[name](question)))

const width = Math.max(...rows.map(({ what }) => what.length))
for (const { what, backbone, ratio, bar } of rows) {
  console.log(`${what.padEnd(width)}  ${(backbone ?? '').padEnd(20)} ${ratio.toFixed(3).padStart(7)}  bar ${bar.toFixed(2)}  ${ratio <= bar ? 'met' : 'not met'}`)
}
console.log(JSON.stringify(about))
if (options.out !== undefined) writeFileSync(options.out, JSON.stringify({ machine: about, rows }, null, 2))
