import { expect, test } from 'vitest'
import { EXAMPLE_PROFILE } from '../services/profile.examples'
import { profileLines } from './profile-text'

test('a profile is at most forty lines, its numbers below one another', () => {
  const lines = profileLines(EXAMPLE_PROFILE, '/runs/a/profile.md')
  expect(lines.length).toBeLessThanOrEqual(40)
  expect(lines.at(-1)).toBe('Profile: /runs/a/profile.md')
  const place = lines.indexOf('Where the time went (2 epochs)')
  expect(lines.slice(place + 1, place + 4)).toEqual([
    '  Phase                    Time    Share  Times      Each',
    '  Frozen part            2.03 s   15.4 %     37   54.9 ms',
    '  Training steps         1.88 s   14.2 %     34   55.2 ms',
  ])
  expect(lines.filter((line) => line !== line.trimEnd() || line.includes('\u00a0'))).toEqual([])
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100)
})

test('without oneDNN it says why', () => {
  expect(profileLines({ ...EXAMPLE_PROFILE, primitives: { available: false, reason: 'It said nothing.' } }, 'x')).toContain('oneDNN: not available. It said nothing.')
})
