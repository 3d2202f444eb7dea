import { resolve } from 'node:path'
import { getCatalogs } from '@lingui/cli/api'
import { getConfig } from '@lingui/conf'
import { expect, test } from 'vitest'

test('the English catalogue has every sentence of the sources, and no other', async () => {
  const config = getConfig({ cwd: resolve(import.meta.dirname, '..') })
  const [catalogue] = await getCatalogs(config)
  const found = await catalogue.collect()
  const kept = await catalogue.read(config.sourceLocale)
  const sentences = (messages) => Object.values(messages).map(({ message, translation, context }) => `${context ?? ''} ${message ?? translation}`).sort()
  expect(sentences(found).length).toBeGreaterThan(1500)
  expect(sentences(kept), 'npm run words gathers them again').toEqual(sentences(found))
}, 120_000)
