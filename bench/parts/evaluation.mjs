// Evaluation of a batch: ours with batch norms folded, the peer's in eval() and inference mode, its better layout.
import { join } from 'node:path'
import { measured, median, ours, root } from '../harness/processes.mjs'
import { BACKBONES } from './steps.mjs'

export async function evaluation({ peer, rounds, stepsEach, backbones = BACKBONES, batch = 32, side = 224, say }) {
  const rows = []
  for (const backbone of backbones) {
    const taken = []
    for (let round = 0; round < rounds; round++) {
      const mine = await ours('our-steps.mjs', 'timeSteps', { backbone, batch, side, steps: stepsEach * 3, precision: 'float32', what: 'evaluate' })
      const times = { ours: mine.step_s_median }
      for (const layout of ['nchw', 'nhwc']) {
        const { lines } = await measured(peer[0], [join(root, 'bench', 'peer', 'evaluation.py'), '--backbone', backbone, '--batch', String(batch), '--steps', String(stepsEach * 3), '--layout', layout])
        times[layout] = lines[0].seconds
      }
      say(`${backbone}, round ${round + 1}: ${Object.entries(times).map(([name, time]) => `${name} ${time.toFixed(4)} s`).join(', ')}`)
      taken.push(times)
    }
    rows.push({ what: 'evaluation : better layout', backbone, ratio: median(taken.map((t) => t.ours / Math.min(t.nchw, t.nhwc))), bar: 1, taken })
  }
  return rows
}
