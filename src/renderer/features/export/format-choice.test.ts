import { expect, test } from 'vitest'
import { EXPORT_FORMATS, requirePossibleExport } from '../../../shared/domain/export'
import { chosenOptions, estimatedBytes, FIRST_CHOICES, FORMAT_ORDER, formatFolderName, formatTitle } from './format-choice'

test('every format has a card, once', () => {
  expect([...FORMAT_ORDER].sort()).toEqual([...EXPORT_FORMATS].sort())
})

test('what is chosen becomes what is asked for, in the order of the cards', () => {
  const choices = {
    ...FIRST_CHOICES,
    onnx: { isChosen: true, precision: 'int8', hasPreprocessingInside: true },
    safetensors: { isChosen: true, precision: 'float16', hasPreprocessingInside: false },
  } as const
  const options = chosenOptions(choices)
  expect(options).toEqual([
    { format: 'onnx', precision: 'int8', preprocessing_inside: true, accepted_accuracy_drop: null },
    { format: 'safetensors', precision: 'float16', preprocessing_inside: false, accepted_accuracy_drop: null },
  ])
  for (const option of options) requirePossibleExport(option)
  expect(options.map(formatFolderName)).toEqual(['onnx-int8', 'safetensors-float16'])
  expect(options.map(formatTitle)).toEqual(['ONNX, int8, preprocessing inside', 'safetensors, float16'])
})

test('the first choice can be written', () => {
  const options = chosenOptions(FIRST_CHOICES)
  expect(options).toHaveLength(1)
  for (const option of options) requirePossibleExport(option)
})

test('sizes are told before: EfficientNet-Lite0 with 1,000 classes was measured at 18.5, 9.3 and 4.8 MB', () => {
  const measured = { float32: 18_546_263, float16: 9_333_688, int8: 4_819_524 } as const
  for (const precision of ['float32', 'float16', 'int8'] as const) {
    expect(Math.abs(estimatedBytes(4_652_008, precision) / measured[precision] - 1)).toBeLessThan(0.05)
  }
})
