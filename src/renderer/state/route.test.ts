import { expect, test } from 'vitest'
import { formatRoute, isTryingIn, parseRoute, SCREENS, triedRun, withTrying } from './route'

test('every place is found again from its address', () => {
  const open = { runId: '2026-03-02 oak/elm', datasetId: 'a b/ü' }
  for (const screen of SCREENS) {
    const route = parseRoute(formatRoute(screen, open))
    expect(route.screen).toBe(screen)
    if (['train', 'results', 'export'].includes(screen)) expect(route.runId).toBe(open.runId)
    if (['dataset', 'configure'].includes(screen)) expect(route.datasetId).toBe(open.datasetId)
  }
})

test('a place without anything open has an address too', () => {
  for (const screen of SCREENS) expect(parseRoute(formatRoute(screen, { runId: null, datasetId: null }))).toEqual({ screen, runId: null, datasetId: null, comparedIds: [] })
})

test('an address that means nothing leads to the Dataset screen', () => {
  for (const hash of ['', '#', '#/', '#/nowhere', '#/__proto__', 'nonsense']) {
    expect(parseRoute(hash)).toEqual({ screen: 'dataset', runId: null, datasetId: null, comparedIds: [] })
  }
  expect(parseRoute('#/run/abc/settings')).toEqual({ screen: 'train', runId: 'abc', datasetId: null, comparedIds: [] })
  expect(parseRoute('#/run/%E0%A4%A/train').runId).toBeNull()
})

test('runs side by side are found again in their order, whatever their ids; each once, and no more than can be shown', () => {
  const comparedIds = ['2026-03-02 oak/elm', 'a,b', 'ü']
  const address = formatRoute('compare', { runId: null, datasetId: null, comparedIds })
  expect(parseRoute(address)).toEqual({ screen: 'compare', runId: null, datasetId: null, comparedIds })
  expect(parseRoute('#/compare/a,a,b').comparedIds).toEqual(['a', 'b'])
  expect(parseRoute(`#/compare/${Array.from({ length: 12 }, (_, i) => i).join(',')}`).comparedIds).toHaveLength(8)
})

test('trying pictures is part of the address, beside the screens of a run alone', () => {
  const place = { screen: 'train' as const, runId: 'a/try', isTrying: true }
  const hash = withTrying(formatRoute(place.screen, { ...place, datasetId: null }), place)
  expect(isTryingIn(hash)).toBe(true)
  expect(parseRoute(hash)).toMatchObject({ screen: 'train', runId: 'a/try' })
  expect(isTryingIn(formatRoute('train', { runId: 'a/try', datasetId: null }))).toBe(false)
  expect(triedRun({ ...place, screen: 'export' })).toBeNull()
  expect(triedRun({ ...place, runId: null })).toBeNull()
  expect(isTryingIn('#/run/a/export/try')).toBe(false)
  expect(isTryingIn('#/settings/try')).toBe(false)
})
