import { expect, test } from 'vitest'
import type { ManifestEntry, Split } from './dataset'
import { leakageFinding, leakageOf } from './leakage'
import type { Prediction } from './metrics'

const entry = (path: string, split: Split, group?: number): ManifestEntry => ({ path, classIndex: 0, split, sizeBytes: 1, sha256: path, ...(group === undefined ? {} : { group }) })
const answer = (path: string, isRight: boolean): Prediction => ({ path, truth: 0, prediction: isRight ? 0 : 1, probabilities: [] })

const pictures = [entry('t1', 'train', 0), entry('t2', 'train', 1), entry('t3', 'train'), entry('v1', 'val', 0), entry('v2', 'val', 0), entry('v3', 'val', 2), entry('v4', 'val', 2), entry('v5', 'val')]

test('accuracy on pictures with a twin in train beside the others, and what the twins add', () => {
  const predictions = [answer('v1', true), answer('v2', true), answer('v3', false), answer('v4', true), answer('v5', false)]
  const leakage = leakageOf({ pictures }, predictions)
  expect(leakage).toEqual({
    leaked: { pictures: 2, right: 2, accuracy: 1 },
    // A group within val is no leak.
    clean: { pictures: 3, right: 1, accuracy: 1 / 3 },
    all: { pictures: 5, right: 3, accuracy: 0.6 },
    gained: 0.6 - 1 / 3,
  })
})

test('nothing is told where nothing leaks, and a score that is all leak has no clean one', () => {
  expect(leakageOf({ pictures }, [answer('v3', true), answer('v5', true)])).toBeNull()
  expect(leakageOf({ pictures: pictures.map(({ group: _, ...rest }) => rest) }, [answer('v1', true)])).toBeNull()
  expect(leakageOf({ pictures }, [answer('v1', true)])).toMatchObject({ clean: { pictures: 0, accuracy: null }, gained: null })
})

test('said in words, with the figure to trust', () => {
  const leakage = leakageOf({ pictures }, [answer('v1', true), answer('v2', true), answer('v3', false), answer('v4', true), answer('v5', false)])
  if (leakage === null) throw new Error('A leak was expected')
  const { severity, headline } = leakageFinding(leakage, 'val')
  expect(severity).toBe('significant')
  expect(headline).toBe(
    '2 of 5 val pictures were, the same or nearly, also trained on: 100.0 % of these are right, and 33.3 % of the other 3, which is the figure to trust. The leak adds 26.7 points to the accuracy.',
  )
})
