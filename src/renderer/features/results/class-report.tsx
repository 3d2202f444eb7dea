/** Precision, recall and F1 of each class, how well its probability sets it apart, and where to cut. */
import { t } from '@lingui/core/macro'
import { useMemo } from 'react'
import type { ClassificationReport } from '../../../shared/domain/metrics'
import { type ClassColumn, ClassTable } from '../../ui/class-table'
import { formatCount, formatShare } from '../../ui/format'

type Row = ClassificationReport['classes'][number]

const share = (key: 'precision' | 'recall' | 'f1', label: string, hint: string): ClassColumn<Row> => ({ key, label, hint, value: (row) => row[key], format: (row) => formatShare(row[key]) })
const digits = (value: number | null | undefined): string => value?.toFixed(3) ?? '–'

const COLUMNS: readonly ClassColumn<Row>[] = [
  { key: 'name', label: t`Class`, hint: t`The folder’s name`, value: (row) => row.name, format: (row) => row.name },
  share('precision', t`Precision`, t`Of the pictures taken for this class, the share that are`),
  share('recall', t`Recall`, t`Of this class’s pictures, the share that was found`),
  share('f1', t`F1`, t`Harmonic mean of precision and recall`),
  { key: 'support', label: t`Pictures`, hint: t`Pictures of this class in the split`, value: (row) => row.support, format: (row) => formatCount(row.support), isFirstDescending: true },
]

/** Missing in evaluations of older versions. */
const RANKING: readonly ClassColumn<Row>[] = [
  {
    key: 'roc_auc',
    label: t`ROC AUC`,
    hint: t`The chance that a picture of the class is given a higher probability of it than one of another class; 0.5 is guessing`,
    value: (row) => row.roc_auc ?? null,
    format: (row) => digits(row.roc_auc),
  },
  {
    key: 'threshold',
    label: t`Threshold`,
    hint: t`The probability from which on calling a picture this class had the largest F1 on the validation pictures`,
    value: (row) => row.threshold?.probability ?? null,
    format: (row) => digits(row.threshold?.probability),
  },
]

export function ClassReport({ report }: { report: ClassificationReport }) {
  const hasRanking = report.classes.some((row) => row.roc_auc !== undefined)
  const columns = useMemo(() => (hasRanking ? [...COLUMNS, ...RANKING] : COLUMNS), [hasRanking])
  return (
    <ClassTable
      label={t`Report by class`}
      rows={report.classes}
      columns={columns}
      maxHeight="460px"
      nameWidth={hasRanking ? '26%' : '40%'}
      footer={(['macro', 'weighted'] as const).map((kind) => (
        <tr key={kind}>
          <th scope="row">{kind === 'macro' ? t`Mean` : t`Weighted mean`}</th>
          <td className="number">{formatShare(report[kind].precision)}</td>
          <td className="number">{formatShare(report[kind].recall)}</td>
          <td className="number">{formatShare(report[kind].f1)}</td>
          <td className="number">{formatCount(report.count)}</td>
        </tr>
      ))}
    />
  )
}
