/** A run's configuration as YAML with a line of help above each key. */
import { Document, isMap, isScalar } from 'yaml'
import type { YAMLMap } from 'yaml'
import type { z } from 'zod'
import { augmentationSchema, runConfigSchema } from '../../shared/domain/run-config'
import type { RunConfig } from '../../shared/domain/run-config'

function comment(map: YAMLMap, shape: Readonly<Record<string, z.ZodType>>): void {
  for (const pair of map.items) {
    if (!isScalar(pair.key) || typeof pair.key.value !== 'string') continue
    const description = shape[pair.key.value]?.description
    if (description !== undefined) pair.key.commentBefore = ` ${description}`
    if (pair.key.value === 'augmentation' && isMap(pair.value)) comment(pair.value, augmentationSchema.shape)
  }
}

/** The text of `config.yaml`. */
export function configToYaml(config: RunConfig): string {
  const document = new Document(config)
  document.commentBefore = ' Everything that decided this run. graft train --config FILE takes such a file.'
  if (isMap(document.contents)) comment(document.contents, runConfigSchema.shape)
  return document.toString({ lineWidth: 0 })
}
