// One picture, from its file to the answer, with the model open: against guide E's figures and the peer's in the same run.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { measured, median, ours, root } from '../harness/processes.mjs'

const BARS_MS = { mobilenet_v3_small: 12, efficientnet_b0: 23 }
const PICTURES = 60

export async function answer({ peer, data, rounds, say }) {
  if (data === null) {
    say('answer: left out, it needs --data')
    return []
  }
  const files = readdirSync(data).flatMap((name) => readdirSync(join(data, name)).map((file) => join(data, name, file))).filter((_, i, all) => i % Math.ceil(all.length / PICTURES) === 0)
  const rows = []
  for (const [backbone, barMs] of Object.entries(BARS_MS)) {
    const taken = []
    for (let round = 0; round < rounds; round++) {
      const mine = await ours('our-answers.mjs', 'timeAnswers', { backbone, side: 224, files })
      const { lines } = await measured(peer[0], [join(root, 'bench', 'peer', 'answer.py'), '--backbone', backbone, ...files])
      say(`one picture, ${backbone}: ours ${mine.ms.toFixed(1)} ms, peer ${lines[0].ms.toFixed(1)} ms`)
      taken.push({ ours: mine.ms, peer: lines[0].ms })
    }
    rows.push({ what: `one picture : guide E's ${barMs} ms`, backbone, ratio: median(taken.map((t) => t.ours)) / barMs, bar: 1, taken })
    rows.push({ what: 'one picture : the peer', backbone, ratio: median(taken.map((t) => t.ours / t.peer)), bar: 1, taken })
  }
  return rows
}
