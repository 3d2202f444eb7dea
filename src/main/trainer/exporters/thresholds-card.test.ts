import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { ChosenThresholds } from '../../../shared/domain/thresholds'
import { makeThresholdRun } from '../../services/thresholds.examples'
import { exportedThresholds, thresholdsSection } from './thresholds-card'

const base = await mkdtemp(join(tmpdir(), 'graft-thresholds-card-'))
afterAll(() => rm(base, { recursive: true, force: true }))

test('the card tells what the thresholds do to the test pictures, and the file how to use them', async () => {
  const { folder } = await makeThresholdRun(join(base, 'run'), 'run', { classes: ['rust', 'healthy'], pictures: 200 })
  const evaluation = await folder.currentEvaluation('test', 'best')
  if (evaluation === null) throw new Error('It was measured')
  const chosen: ChosenThresholds = { version: 1, checkpoint_epoch: 2, temperature: null, chosen_on: 'val', classes: [{ name: 'rust', threshold: 0.05, miss_cost: 20, source: 'validation' }] }
  const card = thresholdsSection(chosen, evaluation)
  const missed = evaluation.predictions.filter(({ truth, probabilities }) => truth === 0 && (probabilities[0] ?? 0) < 0.05).length
  const falseAlarms = evaluation.predictions.filter(({ truth, probabilities }) => truth !== 0 && (probabilities[0] ?? 0) >= 0.05).length
  expect(card).toContain('Counted on the test pictures; they were chosen on the validation pictures.')
  expect(card).toMatch(new RegExp(`\\| rust +\\| 0\\.0500 +\\| 20 +\\| cheapest on the validation pictures +\\| ${missed} +\\| ${falseAlarms} `))
  expect(thresholdsSection(null, evaluation)).toBe('')
  expect(thresholdsSection({ ...chosen, classes: [{ name: 'ash', threshold: 0.5, miss_cost: 1, source: 'set' }] }, evaluation)).toBe('')
  expect(exportedThresholds(chosen)).toMatchObject({ classes: chosen.classes, rule: expect.arrayContaining([expect.stringContaining('probability / threshold')]) })
})
