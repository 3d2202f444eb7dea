/**
 * Where things lie in a packaged program: most in `app.asar`, what child processes and the system's loader must read as plain
 * files in `app.asar.unpacked` beside it, the starter weights in `weights` beside both. In a checkout all lies below its root.
 */
import { copyFile, mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isThere } from '../storage/atomic-write'
import { starterWeightsFile } from '../storage/paths'

/** The root of plain files for an installation's root. */
export function plainRoot(root: string): string {
  return basename(root) === 'app.asar' ? join(dirname(root), 'app.asar.unpacked') : root
}

/** The root of what is in the archive, whichever of the two roots the running code was found below. */
export function archiveRoot(root: string): string {
  return basename(root) === 'app.asar.unpacked' ? join(dirname(root), 'app.asar') : root
}

/** Lets the trainer be started from plain files, where its modules and the engine's addon lie too. What was chosen by hand stays. */
export function chooseTrainer(root: string, environment: NodeJS.ProcessEnv = process.env): void {
  environment['GRAFT_TRAINER'] ||= join(plainRoot(root), 'out', 'main', 'trainer.js')
}

/** Puts the starter weights that came with the package where set-up puts them in a checkout. In a checkout there are none to put. */
export async function provideStarterWeights(resourcesDirectory: string, cache: string): Promise<void> {
  const target = starterWeightsFile(cache)
  const source = join(resourcesDirectory, 'weights', basename(target))
  if ((await isThere(target)) || !(await isThere(source))) return
  await mkdir(dirname(target), { recursive: true })
  const temporary = `${target}.tmp-${process.pid}`
  try {
    await copyFile(source, temporary)
    await rename(temporary, target)
  } finally {
    await rm(temporary, { force: true })
  }
}
