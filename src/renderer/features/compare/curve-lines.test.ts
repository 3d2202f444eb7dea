import { expect, test } from 'vitest'
import type { ComparedEpoch, ComparedRun } from '../../../shared/domain/compare'
import { CURVE_METRICS, curveLines, extremes, placeOn, valueAt } from './curve-lines'
import { differenceColor, signed } from './difference-colors'
import { whiskerScale } from './whisker-scale'

const epoch = (at: number, value: number): ComparedEpoch => ({ epoch: at, train_loss: value, train_accuracy: value, val_loss: value, val_accuracy: value, val_macro_f1: value, learning_rate: value, seconds: 1 })
const runOf = (epochs: ComparedEpoch[]): Pick<ComparedRun, 'epochs'> & { run: { best_epoch: number } } => ({ epochs, run: { best_epoch: 2 } })

test('each run has a line, and one for training where the metric has it; what is not finite is left out', () => {
  const runs = [runOf([epoch(1, 0.5), epoch(2, Number.NaN), epoch(3, 0.7)]), runOf([])] as ComparedRun[]
  const [accuracy, , f1] = CURVE_METRICS
  if (accuracy === undefined || f1 === undefined) throw new Error('metrics are missing')
  expect(curveLines(runs, accuracy, true).map(({ index, isTrain }) => [index, isTrain])).toEqual([[0, true], [0, false], [1, true], [1, false]])
  expect(curveLines(runs, accuracy, false)).toHaveLength(2)
  expect(curveLines(runs, f1, true)).toHaveLength(2)
  expect(curveLines(runs, accuracy, false)[0]).toMatchObject({ points: [{ x: 1, y: 0.5 }, { x: 3, y: 0.7 }], bestEpoch: 2 })
})

test('ten thousand epochs are drawn as four hundred points and read whole', () => {
  const long = [runOf(Array.from({ length: 10_000 }, (_, at) => epoch(at + 1, Math.sin(at / 300))))] as ComparedRun[]
  const [line] = curveLines(long, { val: 'val_loss', train: null }, false)
  expect([line?.points.length, line?.drawn.length]).toEqual([10_000, 400])
  expect(valueAt(line?.points ?? [], 7777)).toBe(Math.sin(7776 / 300))
})

test('the axis of any metric holds eight runs of ten thousand epochs', () => {
  const runs = Array.from({ length: 8 }, (_, run) => runOf(Array.from({ length: 10_000 }, (__, at) => epoch(at + 1, 0.5 + run / 20)))) as ComparedRun[]
  for (const metric of CURVE_METRICS) {
    const lines = curveLines(runs, metric, true)
    expect(metric.range(extremes(lines))).toEqual(metric.range([0.5, 0.85]))
  }
  expect(extremes([{ points: [{ x: 1, y: 0 }, { x: 2, y: 1e-5 }, { x: 3, y: 1e-2 }] }])).toEqual([0, 1e-5, 1e-2])
  expect(extremes([])).toEqual([])
})

test('a value is found by its epoch or not at all, and placed on its axis', () => {
  const points = [{ x: 1, y: 5 }, { x: 4, y: 6 }]
  expect([valueAt(points, 1), valueAt(points, 2), valueAt(points, 4), valueAt([], 1)]).toEqual([5, null, 6, null])
  expect(placeOn({ low: 0.5, high: 1, ticks: [], scale: 'linear' }, 0.75)).toBe(0.5)
  expect(placeOn({ low: 0.5, high: 1, ticks: [], scale: 'linear' }, 0.2)).toBe(0)
  expect(placeOn({ low: 1e-4, high: 1e-2, ticks: [], scale: 'log' }, 1e-3)).toBeCloseTo(0.5, 12)
})

test('more is one colour, fewer the other, and one picture is seen beside a hundred', () => {
  const colors = { none: [255, 255, 255], fewer: [0, 0, 200], more: [200, 100, 0] } as const
  expect(differenceColor(0, 100, colors)).toEqual([255, 255, 255])
  expect(differenceColor(100, 100, colors)).toEqual([200, 100, 0])
  expect(differenceColor(-100, 100, colors)).toEqual([0, 0, 200])
  expect(differenceColor(1, 100, colors)[2]).toBeLessThan(200)
  expect([signed(3), signed(-3), signed(0)]).toEqual(['+3', '−3', '0'])
})

test('intervals are drawn on one scale that holds all of them', () => {
  const figures = (accuracy: number, low: number, high: number) => ({ run_id: 'r', count: 1, checkpoint_epoch: 1, accuracy, accuracy_interval: { low, high }, macro_f1: 0, macro_f1_interval: null })
  expect(whiskerScale([figures(0.8, 0.73, 0.88), figures(0.9, 0.84, 0.96)])).toEqual({ low: 0.7, high: 1 })
  expect(whiskerScale([])).toEqual({ low: 0, high: 1 })
})
