import { expect, test } from 'vitest'
import type { Finding } from '../../../shared/domain/dataset'
import { bySeverity } from './findings'

const finding = (kind: Finding['kind'], severity: Finding['severity']): Finding => ({ kind, severity, count: 1, title: '', why: '', action: '', paths: [] })

test('stops come first, then looks, then notes; the order within each stays', () => {
  const mixed = [finding('ignored', 'note'), finding('duplicate', 'look'), finding('imbalance', 'look'), finding('missing-class-in-split', 'stop')]
  expect(bySeverity(mixed).map(({ kind }) => kind)).toEqual(['missing-class-in-split', 'duplicate', 'imbalance', 'ignored'])
})
