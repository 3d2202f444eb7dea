// Where the time of a training step goes, operation by operation. The addon passes no trace on, so Python's TensorFlow runs the same graph.
//
//   node bench/trace.mjs --python PYTHON [--backbone mobilenet_v3_small] [--ratio 0] [--batch 32] [--side 224] [--precision float32]
//
// PYTHON has tensorflow-cpu 2.15.1, which is the library that Graft runs.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ours } from './harness/processes.mjs'

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    backbone: { type: 'string', default: 'mobilenet_v3_small' },
    ratio: { type: 'string', default: '0' },
    batch: { type: 'string', default: '32' },
    side: { type: 'string', default: '224' },
    precision: { type: 'string', default: 'float32' },
  },
})
const directory = mkdtempSync(join(tmpdir(), 'graft-trace-'))
try {
  const { backbone, precision } = options
  await ours('our-graph.mjs', 'writeGraph', { directory, backbone, precision, ratio: Number(options.ratio), batch: Number(options.batch), side: Number(options.side) })
  const script = join(dirname(fileURLToPath(import.meta.url)), 'peer', 'trace.py')
  process.exitCode = spawnSync(options.python, [script, directory], { stdio: 'inherit' }).status ?? 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}
