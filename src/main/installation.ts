/** What of the installation lies where: found from this file, so that it holds in a checkout, in out/ and in a package. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const packageSchema = z.object({ name: z.literal('graft'), version: z.string() })

/** The folder with our package.json. */
export function installationRoot(start: string = dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (readPackageSync(folder) !== null) return folder
    if (dirname(folder) === folder) throw new Error(`No package.json of graft in or above ${start}`)
  }
}

export function installedVersion(): string {
  return readPackageSync(installationRoot())?.version ?? '0.0.0'
}

/** The built studio: index.html and its assets. */
export function rendererDirectory(): string {
  return join(installationRoot(), 'out', 'renderer')
}

/** The web page of TensorFlow.js exports, with the libraries it loads. */
export function webPageDirectory(): string {
  return join(installationRoot(), 'out', 'main', 'web-page')
}

function readPackageSync(folder: string): z.infer<typeof packageSchema> | null {
  const path = join(folder, 'package.json')
  if (!existsSync(path)) return null
  const parsed = packageSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')))
  return parsed.success ? parsed.data : null
}
