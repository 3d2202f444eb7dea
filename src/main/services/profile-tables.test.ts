import { expect, test } from 'vitest'
import { type Profile, profileSchema } from '../../shared/domain/profile'
import { EXAMPLE_PROFILE } from './profile.examples'
import { layerTable, phaseTable, primitiveTable, profileMarkdown, type ProfileTable } from './profile-tables'

/** The numbers of a column; NaN where it has none. */
const column = ({ columns, rows }: ProfileTable, title: string) => {
  const place = columns.findIndex((each) => each.title === title)
  return rows.map((row) => Number.parseFloat(row[place] ?? ''))
}
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
const falling = (values: readonly number[]) => values.toSorted((a, b) => b - a)

/** Each figure is rounded by itself. */
function expectAddedUp(table: ProfileTable, title: string, digits: number) {
  const values = column(table, title)
  const [whole = NaN] = values.slice(-1)
  const parts = values.slice(0, -1).filter((value) => !Number.isNaN(value))
  expect(Math.abs(sum(parts) - whole)).toBeLessThanOrEqual((parts.length + 1) * 0.5 * 10 ** -digits)
}

const layersOf = (profile: Profile) => {
  if (profile.layers === null) throw new Error('No layers')
  return { ...profile, layers: profile.layers }
}

test('the form is read back as it is, and another version is not', () => {
  expect(profileSchema.parse(JSON.parse(JSON.stringify(EXAMPLE_PROFILE)))).toEqual(EXAMPLE_PROFILE)
  expect(profileSchema.safeParse({ ...EXAMPLE_PROFILE, version: 2 }).success).toBe(false)
  expect(profileSchema.safeParse({ ...EXAMPLE_PROFILE, more: 1 }).success).toBe(false)
})

test.each([Infinity, 9, 3])('phases add up to the whole with %s of them shown, the longest first', (limit) => {
  const table = phaseTable(EXAMPLE_PROFILE, limit)
  expectAddedUp(table, 'Time', 2)
  expectAddedUp(table, 'Share', 1)
  const shown = column(table, 'Time').slice(0, -2)
  expect(shown).toEqual(falling(shown))
  expect(shown).toHaveLength(Math.min(limit, 13))
  expect(table.rows.at(-2)?.[0]).toBe(limit === Infinity ? 'Other' : `Other, and ${13 - limit} shorter`)
  expect(table.notes).toEqual(['Beside these, in other threads: 2.38 s of augmentation.'])
})

test.each([Infinity, 5])('blocks add up to the step with %s of them shown, also where one came out below zero', (limit) => {
  const table = layerTable(layersOf(EXAMPLE_PROFILE), limit)
  expectAddedUp(table, 'Together', 1)
  expect(table.rows).toHaveLength((limit === 5 ? 6 : 9) + 4)
  expect(table.notes).toEqual(['In the training itself: 55.2 ms, fed and with other threads at work beside it.'])
  const { layers } = layersOf(EXAMPLE_PROFILE)
  expect(layerTable({ ...EXAMPLE_PROFILE, layers: { ...layers, gathers: true } })).toMatchObject({ title: expect.stringMatching(/^A pass and an update by blocks/), notes: [] })
  expect(layerTable({ ...EXAMPLE_PROFILE, layers: { ...layers, repeats: 2 } }).notes[1]).toMatch(/^Timed 2 times only/)
})

test('primitives add up, and a single one left over has its own line', () => {
  const { primitives } = EXAMPLE_PROFILE
  if (primitives?.available !== true) throw new Error('No primitives')
  expectAddedUp(primitiveTable(primitives, 3), 'Time', 1)
  expect(primitiveTable(primitives, 3).rows.map(([first]) => first)).toEqual(['convolution', 'convolution', 'batch_normalization', '3 more', 'Together'])
  expect(primitiveTable(primitives, 5).rows).toHaveLength(7)
})

test('profile.md has everything, and says what is not there', () => {
  const text = profileMarkdown(EXAMPLE_PROFILE)
  for (const part of ['## Where the time went (2 epochs)', '| Frozen part | 2.03 s |', '| features.8 |', 'By differences.', 'mb16_ic96oc576_ih7oh7', 'backward, weights']) expect(text).toContain(part)
  const without = profileMarkdown({ ...EXAMPLE_PROFILE, layers: null, primitives: { available: false, reason: 'It said nothing.' } })
  expect(without).toContain('Not available. It said nothing.')
  expect(without).not.toContain('features.8')
})
