/** The check of an export class by class. */
import { t } from '@lingui/core/macro'
import type { ExportParity } from '../../../shared/domain/export'
import { type ClassColumn, ClassTable } from '../../ui/class-table'
import { formatCount, formatShare } from '../../ui/format'
import { formatDifference } from './parity-words'

type Row = ExportParity['classes'][number]

/** A class without a picture has no measure. */
const measured = (row: Row, value: number): number | null => (row.pictures === 0 ? null : value)

const COLUMNS: readonly ClassColumn<Row>[] = [
  { key: 'label', label: t`Class`, hint: t`As the labels name it`, value: (row) => row.label, format: (row) => row.label },
  { key: 'pictures', label: t`Pictures`, hint: t`Held-out pictures of this class that both were asked about`, value: (row) => row.pictures, format: (row) => formatCount(row.pictures), isFirstDescending: true },
  {
    key: 'agreement',
    label: t`Same answer`,
    hint: t`Of these, the share that both name alike`,
    value: (row) => measured(row, row.agreement),
    format: (row) => (row.pictures === 0 ? '–' : formatShare(row.agreement)),
  },
  {
    key: 'largestDifference',
    label: t`Largest difference`,
    hint: t`Of a probability, on one of these pictures`,
    value: (row) => measured(row, row.largestDifference),
    format: (row) => (row.pictures === 0 ? '–' : formatDifference(row.largestDifference)),
    isFirstDescending: true,
  },
]

export function ClassChecks({ rows }: { rows: readonly Row[] }) {
  return <ClassTable label={t`Check by class`} rows={rows} columns={COLUMNS} maxHeight="max(280px, calc(100dvh - 450px))" />
}
