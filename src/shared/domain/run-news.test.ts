import { expect, test } from 'vitest'
import { newsOf, RunNewsWatch, shareDone } from './run-news'

const run = { run_id: 'a', name: 'moss', status: 'completed' as const, test_accuracy: 0.9342, best_metric: 0.9, monitor: 'val_accuracy', epochs_done: 5, epochs_planned: 5, failure: null }

test('the end of a run that was live is news, with what it reached or why it failed', () => {
  expect(newsOf('evaluating', run)).toEqual({ runId: 'a', title: 'moss is done', body: '93.4 % of the test pictures are recognised.' })
  expect(newsOf('training', { ...run, test_accuracy: null })?.body).toBe('90.0 % of the validation pictures are recognised.')
  expect(newsOf('training', { ...run, status: 'failed', failure: { code: 'DIVERGED', message: 'It diverged.' } })).toMatchObject({ title: 'moss failed', body: 'It diverged.' })
  expect(newsOf('paused', { ...run, status: 'interrupted' })?.title).toBe('moss needs you')
})

test('what somebody did themselves, and what was over before, is none', () => {
  expect([newsOf('training', { ...run, status: 'stopped' }), newsOf('training', { ...run, status: 'queued' }), newsOf('completed', run), newsOf(undefined, run)]).toEqual([null, null, null, null])
  const watch = new RunNewsWatch()
  expect(watch.take([{ ...run, status: 'training' }])).toEqual([])
  expect(watch.take([run]).map(({ title }) => title)).toEqual(['moss is done'])
  expect(watch.take([run])).toEqual([])
})

test('how far a run is goes by its epochs', () => {
  expect([shareDone({ epochs_done: 3, epochs_planned: 12 }), shareDone({ epochs_done: 0, epochs_planned: 0 })]).toEqual([0.25, null])
})
