import { expect, test } from 'vitest'
import { exportOptionsSchema } from '../../../shared/domain/export'
import { inPrecision, planExports } from './plan'

const options = (format: string, precision = 'float32') => exportOptionsSchema.parse({ format, precision })

test('one format takes the folder itself, several get one each', () => {
  expect(planExports([options('onnx', 'int8')], '/models/leaves').map(({ directory }) => directory)).toEqual(['/models/leaves'])
  expect(planExports([options('onnx', 'int8'), options('saved_model')], 'C:\\leaves').map(({ directory }) => directory)).toEqual(['C:\\leaves\\onnx-int8', 'C:\\leaves\\saved-model'])
  expect(planExports([], '/models')).toEqual([])
})

test('another precision takes the folder of its name, and what was agreed to does not hold for it', () => {
  const int8 = { ...options('onnx', 'int8'), accepted_accuracy_drop: 0.1 }
  expect(inPrecision({ options: int8, directory: '/models/leaves/onnx-int8' }, 'float16')).toEqual({ options: options('onnx', 'float16'), directory: '/models/leaves/onnx-float16' })
  expect(inPrecision({ options: int8, directory: '/models/leaves' }, 'float16').directory).toBe('/models/leaves')
})
