// Trains every network for one epoch on real photographs and exports it to every format, each checked by its own parity report.
//
//   node bench/every-network.mjs --data FOLDER_PER_CLASS [--networks a,b] [--image-size 224] [--weights FOLDER] [--out FILE.json]
//
// --weights names a folder with NETWORK.pth files to start from; without it networks start from scratch, but for the one whose
// weights come with the set-up. Run it on an otherwise idle machine: times are told too.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    networks: { type: 'string' },
    'image-size': { type: 'string', default: '224' },
    weights: { type: 'string' },
    out: { type: 'string' },
  },
})
if (options.data === undefined) {
  console.error('Expected --data FOLDER, a folder of pictures with one sub-folder a class.')
  process.exit(2)
}

/** Every format with every precision it has, and ONNX with its preprocessing inside. */
const EXPORTS = [
  ['saved_model', 'float32'],
  ['onnx', 'float32'],
  ['onnx', 'float32', '--preprocessing-inside'],
  ['onnx', 'float16'],
  ['onnx', 'int8', '--accept-drop', '1'],
  ['tfjs', 'float32'],
  ['pytorch', 'float32'],
  ['safetensors', 'float32'],
  ['safetensors', 'float16'],
]

/** Lines of JSON that a command printed; its last words on stderr where it failed. */
function graft(parameters) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(root, 'scripts', 'start.mjs'), ...parameters, '--json'], { cwd: root })
    let out = ''
    let error = ''
    child.stdout.on('data', (text) => (out += text))
    child.stderr.on('data', (text) => (error += text))
    child.on('close', (code) => done({ code, lines: out.split('\n').filter(Boolean).map((line) => JSON.parse(line)), error: error.trim().split('\n').slice(-3).join(' ') }))
  })
}

const folder = mkdtempSync(join(tmpdir(), 'graft-every-network-'))
const results = []
let failures = 0
try {
  const known = (await graft(['models'])).lines.map(({ name, weights }) => ({ name, hasWeights: weights.some(({ isPresent }) => isPresent) }))
  const asked = options.networks?.split(',')
  for (const { name, hasWeights } of known.filter((network) => asked?.includes(network.name) ?? true)) {
    const given = options.weights === undefined ? null : resolve(options.weights, `${name}.pth`)
    const weights = given !== null && existsSync(given) ? given : hasWeights ? 'imagenet' : 'none'
    const run = join(folder, name)
    const started = performance.now()
    const training = ['train', options.data, '--backbone', name, '--weights', weights, '--freeze-ratio', '0.7', '--epochs', '1', '--image-size', options['image-size'], '--out', run]
    const trained = await graft(training)
    const seconds = (performance.now() - started) / 1000
    const epoch = trained.lines.find(({ event }) => event === 'epoch')
    const result = { network: name, weights: weights === given ? 'given' : weights, seconds, epoch_s: epoch?.seconds, val_accuracy: epoch?.val_accuracy, exports: [] }
    results.push(result)
    console.log(`${name} (${result.weights}): ${trained.code === 0 ? `one epoch in ${epoch.seconds.toFixed(1)} s, val accuracy ${epoch.val_accuracy.toFixed(3)}, ${seconds.toFixed(0)} s in all` : `FAILED: ${trained.error}`}`)
    if (trained.code !== 0) {
      failures++
      continue
    }
    for (const [format, precision, ...more] of EXPORTS) {
      const label = [format, precision, ...(more[0] === '--preprocessing-inside' ? ['inside'] : [])].join('-')
      const to = join(folder, `${name}-${label}`)
      const { code, lines, error } = await graft(['export', run, '--to', to, '--format', format, '--precision', precision, ...more])
      const parity = lines[0]?.parity
      if (code !== 0 || parity === undefined) {
        failures++
        console.log(`  ${label}: FAILED: ${error}`)
        continue
      }
      result.exports.push({ label, ...parity, classes: undefined })
      const { agreement, largestDifference, pictures, sizeBytes, millisecondsPerPicture, accuracy } = parity
      const size = `${(sizeBytes.exported / 1e6).toFixed(1)} MB`
      const times = `${millisecondsPerPicture.exported.toFixed(1)} ms a picture (original ${millisecondsPerPicture.original.toFixed(1)})`
      console.log(`  ${label}: same class ${(100 * agreement).toFixed(1)} % of ${pictures}, largest difference ${largestDifference.toExponential(1)}, accuracy ${accuracy.exported.toFixed(3)} (original ${accuracy.original.toFixed(3)}), ${size}, ${times}`)
      rmSync(to, { recursive: true, force: true })
    }
    rmSync(run, { recursive: true, force: true })
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (options.out !== undefined) writeFileSync(options.out, `${JSON.stringify(results, null, 2)}\n`)
console.log(failures === 0 ? 'Every network trained and every export passed.' : `${failures} failures.`)
process.exitCode = failures === 0 ? 0 : 1
