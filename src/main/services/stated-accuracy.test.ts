import { expect, test } from 'vitest'
import { compareAccuracy } from './stated-accuracy'

test('an accuracy within five points is told, one farther off is a warning; per cent and shares are the same', () => {
  expect(compareAccuracy({ val_acc: 0.93 }, 0.9, 'val')).toMatchObject({ level: 'info' })
  expect(compareAccuracy({ val_acc: 93 }, 0.9, 'val')?.message).toContain('val_acc 93.0 %; on the val pictures it is 90.0 %')
  expect(compareAccuracy({ val_acc: 0.93 }, 0.5, 'val')).toMatchObject({ level: 'warning' })
})

test('that of the same split is compared; losses and what is no share are not', () => {
  expect(compareAccuracy({ val_acc: 0.2, test_accuracy: 0.9 }, 0.9, 'test')).toMatchObject({ level: 'info' })
  expect(compareAccuracy({ val_loss: 0.3, val_f1: 0.9 }, 0.9, 'val')).toBeNull()
  expect(compareAccuracy({ best_acc: 1234 }, 0.9, 'val')).toBeNull()
})
