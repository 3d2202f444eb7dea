import { expect, test } from 'vitest'
import { formatRoute, parseRoute, SCREENS } from './route'

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
  for (const screen of SCREENS) expect(parseRoute(formatRoute(screen, { runId: null, datasetId: null }))).toEqual({ screen, runId: null, datasetId: null })
})

test('an address that means nothing leads to the Dataset screen', () => {
  for (const hash of ['', '#', '#/', '#/nowhere', '#/__proto__', 'nonsense']) {
    expect(parseRoute(hash)).toEqual({ screen: 'dataset', runId: null, datasetId: null })
  }
  expect(parseRoute('#/run/abc/settings')).toEqual({ screen: 'train', runId: 'abc', datasetId: null })
  expect(parseRoute('#/run/%E0%A4%A/train').runId).toBeNull()
})
