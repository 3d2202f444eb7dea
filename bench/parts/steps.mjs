// Full training steps: ours in both precisions, the peer's in both precisions and layouts, in turn, so that what the machine does beside them hits all alike.
import { median, measured, ours } from '../harness/processes.mjs'

export const BACKBONES = ['resnet18', 'resnet50', 'mobilenet_v2', 'mobilenet_v3_small', 'efficientnet_b0']
const PEERS = [['nchw', 'fp32'], ['nhwc', 'fp32'], ['nchw', 'bf16'], ['nhwc', 'bf16']]
const PRECISIONS = ['float32', 'bfloat16']

const isResnet = (backbone) => backbone.startsWith('resnet')

/** Bars by what is compared: [ResNets, the others]. */
const BARS = {
  'step, float32 : nchw float32': [0.75, 0.75],
  'step, float32 : better layout float32': [0.9, 1.1],
  'step, best precision : nchw float32': [0.45, 0.65],
  'step, best precision : best of the peer': [0.95, 1.0],
}

/** @returns {Promise<object[]>} one row for each backbone and bar */
export async function steps({ peer, rounds, stepsEach, backbones = BACKBONES, batch = 32, side = 224, say }) {
  const rows = []
  for (const backbone of backbones) {
    const taken = []
    for (let round = 0; round < rounds; round++) {
      const times = {}
      for (const precision of PRECISIONS) {
        const result = await ours('our-steps.mjs', 'timeSteps', { backbone, batch, side, steps: stepsEach, precision, what: 'train' })
        times[precision] = { median: result.step_s_median, min: result.step_s_min, peakBytes: result.peakBytes }
      }
      for (const [layout, precision] of PEERS) {
        const [command, ...first] = peer
        const { lines, peakBytes } = await measured(command, [...first, 'steps', '--backbones', backbone, '--batch', String(batch), '--steps', String(stepsEach), '--layout', layout, '--precision', precision])
        times[`${layout} ${precision}`] = { median: lines[0].step_s_median, min: lines[0].step_s_min, peakBytes }
      }
      say(`${backbone}, round ${round + 1}: ${Object.entries(times).map(([name, time]) => `${name} ${time.median.toFixed(3)} s`).join(', ')}`)
      taken.push(times)
    }
    const compare = (pick) => median(taken.map(pick))
    const at = (times, ...names) => Math.min(...names.map((name) => times[name].median))
    const ratios = {
      'step, float32 : nchw float32': compare((t) => at(t, 'float32') / at(t, 'nchw fp32')),
      'step, float32 : better layout float32': compare((t) => at(t, 'float32') / at(t, 'nchw fp32', 'nhwc fp32')),
      'step, best precision : nchw float32': compare((t) => at(t, ...PRECISIONS) / at(t, 'nchw fp32')),
      'step, best precision : best of the peer': compare((t) => at(t, ...PRECISIONS) / at(t, ...PEERS.map((pair) => pair.join(' ')))),
    }
    for (const [what, ratio] of Object.entries(ratios)) rows.push({ what, backbone, ratio, bar: BARS[what][isResnet(backbone) ? 0 : 1], taken })
    if (backbone === 'resnet50') {
      rows.push({ what: 'memory of the step, float32 : nchw float32', backbone, ratio: compare((t) => t.float32.peakBytes / t['nchw fp32'].peakBytes), bar: 1, taken })
    }
  }
  return rows
}
