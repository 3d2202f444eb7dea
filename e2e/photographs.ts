/** Real photographs for the specs, where this checkout has them beside it. */
import { appendFileSync, existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'

/** 200 of each of two classes, dandelion and grass. */
const BESIDE_THE_CHECKOUT = resolve(import.meta.dirname, '../../shared/data/dandelion-grass')
export const havePhotographs = existsSync(BESIDE_THE_CHECKOUT)
/** Without links, as runs record it. */
export const PHOTOGRAPHS = havePhotographs ? realpathSync(BESIDE_THE_CHECKOUT) : BESIDE_THE_CHECKOUT

/** Says in the summary of `npm test` that something could not be tried here, and how to get it. */
export function skipLoudly(what: string, why: string, how: string): void {
  console.warn(`SKIPPED: ${what}: ${why}`)
  const log = process.env['GRAFT_SKIP_LOG']
  if (log !== undefined) appendFileSync(log, `${JSON.stringify({ what, why, how })}\n`)
}

if (!havePhotographs) skipLoudly('specs on real photographs', 'the folder shared/data/dandelion-grass is not beside the checkout', 'put a folder of two classes of photographs there')
