// Whole commands, from start to exit: the backbone frozen, .7 of it frozen, three stages. Ours begins with empty caches each time.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cutFolder, sampleFolder } from '../harness/datasets.mjs'
import { measured, median, root } from '../harness/processes.mjs'

/** As in peer.py: mirrored, turned by up to 10°, brightness, contrast and saturation changed by up to .2, which is what Graft does where nothing else is asked for. */
const RECIPES = [
  { what: 'frozen (guide B), 10 epochs, 400 pictures', backbone: 'mobilenet_v2', ratio: 1, batch: 32, rate: 1e-3, epochs: 10, pictures: 400, bar: 0.15 },
  { what: 'frozen (guide B), 10 epochs, 2,000 pictures', backbone: 'mobilenet_v2', ratio: 1, batch: 32, rate: 1e-3, epochs: 10, pictures: 2000, bar: 0.15 },
  { what: '.7 frozen (guide E), 10 epochs, 400 pictures', backbone: 'mobilenet_v3_small', ratio: 0.7, batch: 16, rate: 5e-4, epochs: 10, pictures: 400, bar: 0.35 },
  { what: '.7 frozen (guide E), 10 epochs, 400 pictures', backbone: 'efficientnet_b0', ratio: 0.7, batch: 16, rate: 5e-4, epochs: 10, pictures: 400, bar: 0.35 },
  { what: 'three stages (guide C), 2 epochs each, 600 pictures', backbone: 'resnet50', preset: 'guide-c', batch: 32, stageEpochs: 2, pictures: 600, bar: 0.5 },
]

/** Of the sample maker where there are no photographs, or too few. */
async function folderFor({ pictures }, data, directory) {
  return data !== null && pictures <= 400 ? cutFolder(data, join(directory, 'cut'), { count: pictures }) : sampleFolder(directory, pictures)
}

async function oursTakes(recipe, folder, directory, more = []) {
  const data = join(directory, 'data')
  const asked =
    recipe.preset === undefined
      ? ['--backbone', recipe.backbone, '--freeze-ratio', String(recipe.ratio), '--epochs', String(recipe.epochs), '--views', String(recipe.epochs), '--learning-rate', String(recipe.rate), '--early-stopping-patience', '0']
      : ['--preset', recipe.preset, '--stage-epochs', [1, 2, 3].map(() => recipe.stageEpochs).join(','), '--early-stopping-patience', '0']
  const parameters = ['train', folder, ...asked, '--weights', 'none', '--batch-size', String(recipe.batch), '--json', '--out', join(data, `run-${Date.now()}`), ...more]
  const result = await measured(process.execPath, [join(root, 'scripts', 'start.mjs'), ...parameters], { GRAFT_DATA_DIR: data, GRAFT_PICTURE_CACHE_DIR: join(data, 'pictures'), GRAFT_FEATURE_CACHE_DIR: join(data, 'features') })
  const resolved = result.lines.find(({ event }) => event === 'start')?.resolved ?? {}
  return { seconds: result.seconds, peakBytes: result.peakBytes, precision: resolved.precision ?? null }
}

async function peerTakes(recipe, folder, peer, workers) {
  const [command, ...first] = peer
  const parameters =
    recipe.preset === undefined
      ? [...first, 'train', '--data', folder, '--backbone', recipe.backbone, '--freeze-ratio', String(recipe.ratio), '--epochs', String(recipe.epochs), '--lr', String(recipe.rate)]
      : [join(root, 'bench', 'peer', 'stages.py'), folder, '--backbone', recipe.backbone, '--epochs', String(recipe.stageEpochs)]
  const { seconds, peakBytes } = await measured(command, [...parameters, '--batch', String(recipe.batch), '--workers', String(workers)])
  return { seconds, peakBytes, workers }
}

export async function recipes({ peer, data, rounds, isWhole, backbones, workers, say }) {
  const rows = []
  const wanted = RECIPES.filter(({ backbone, pictures }) => (backbones?.includes(backbone) ?? true) && (isWhole || pictures <= 400))
  for (const recipe of wanted) {
    const directory = mkdtempSync(join(tmpdir(), 'graft-bench-'))
    try {
      const folder = await folderFor(recipe, data, directory)
      const taken = []
      for (let round = 0; round < rounds; round++) {
        const runs = join(directory, `round-${round}`)
        const mine = await oursTakes(recipe, folder, runs)
        const again = await oursTakes(recipe, folder, runs)
        // Its better number of loader workers, found in the first round.
        const tried = workers !== undefined ? [workers] : round === 0 ? [0, 2] : [taken[0].peer.workers]
        const theirs = []
        for (const workers of tried) theirs.push(await peerTakes(recipe, folder, peer, workers))
        theirs.sort((a, b) => a.seconds - b.seconds)
        say(`${recipe.what}, ${recipe.backbone}: ours ${mine.seconds.toFixed(1)} s (${mine.precision ?? 'float32'}), once more ${again.seconds.toFixed(1)} s, peer ${theirs.map(({ seconds, workers }) => `${seconds.toFixed(1)} s with ${workers} workers`).join(', ')}`)
        taken.push({ ours: mine, again, peer: theirs[0] })
        if (existsSync(runs)) rmSync(runs, { recursive: true, force: true })
      }
      rows.push({ what: recipe.what, backbone: recipe.backbone, ratio: median(taken.map((t) => t.ours.seconds / t.peer.seconds)), bar: recipe.bar, taken })
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }
  return rows
}
