import { expect, test } from 'vitest'
import { exportOptionsSchema } from '../../../shared/domain/export'
import { planExports } from './plan'

const options = (format: string, precision = 'float32') => exportOptionsSchema.parse({ format, precision })

test('one format takes the folder itself, several get one each', () => {
  expect(planExports([options('onnx', 'int8')], '/models/leaves').map(({ directory }) => directory)).toEqual(['/models/leaves'])
  expect(planExports([options('onnx', 'int8'), options('saved_model')], 'C:\\leaves').map(({ directory }) => directory)).toEqual(['C:\\leaves\\onnx-int8', 'C:\\leaves\\saved-model'])
  expect(planExports([], '/models')).toEqual([])
})
