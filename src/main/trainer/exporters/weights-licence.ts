/** Whose weights an exported model grew from, and what that means for passing it on. */
import { basename } from 'node:path'
import type { RunRecord } from '../../../shared/domain/run'
import type { RunConfig } from '../../../shared/domain/run-config'
import type { Backbone } from '../../engine/zoo/backbone'
import { publishedWeights } from '../../engine/zoo/registry'
import { LICENCE_TEXTS } from './licence-texts'

export interface WeightsLicence {
  /** What the run started from, in words. */
  readonly start: string
  /** `BSD-3-Clause (torchvision)`; null where there is none or it is not known. */
  readonly licence: string | null
  readonly meaning: string
  /** The whole text, for WEIGHTS_LICENCE.txt. */
  readonly text: string
}

export const LICENCE_FILE = 'WEIGHTS_LICENCE.txt'

/** @param origin `imported`: another program trained the model, whose file the configuration names as its weights */
export function weightsLicence(backbone: Backbone, config: RunConfig, origin: RunRecord['origin']): WeightsLicence {
  if (origin === 'imported') {
    const start = `the file ${basename(config.weights)}, which another program wrote`
    const meaning = `The weights came from ${start}; their licence is not known here. Whoever passes the model on should look it up.`
    return { start, licence: null, meaning, text: `${meaning}\n` }
  }
  if (config.weights === 'none') {
    const meaning = 'The weights started from random numbers: nobody else has a claim on them.'
    return { start: 'random numbers', licence: null, meaning, text: `${meaning}\n` }
  }
  const row = publishedWeights(backbone, config.weights)
  if (row === null) {
    const file = basename(config.weights)
    const meaning = `The weights started from the file ${file}, whose licence this program does not know. Whoever passes the model on should look it up.`
    return { start: `the weights file ${file}`, licence: null, meaning, text: `${meaning}\n` }
  }
  const known = LICENCE_TEXTS.find(({ licence }) => row.licence.startsWith(licence))
  const start = `the published weights ${row.name} of ${backbone.title} (${row.fileName}), trained on ImageNet-1K`
  const meaning = known?.meaning ?? `Whoever passes the model on has to keep to ${row.licence}.`
  const source = row.url === null ? row.fileName : `${row.fileName}, ${row.url}`
  return {
    start,
    licence: row.licence,
    meaning,
    text: `The weights in this folder were trained further from ${source}.\nThose are under ${row.licence}:\n\n${known?.text ?? row.licence}\n`,
  }
}
