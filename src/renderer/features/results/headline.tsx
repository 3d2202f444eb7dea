/** The figures that one asks for first. */
import type { ReactNode } from 'react'
import type { Split } from '../../../shared/domain/dataset'
import type { ClassificationReport } from '../../../shared/domain/metrics'
import { formatCount, formatLoss, formatPlural, formatShare } from '../../ui/format'
import classes from './results-screen.module.css'

export function Headline(props: { report: ClassificationReport; split: Split; bestEpoch: number | null; isImported: boolean; backbone: string }) {
  const { report, split, bestEpoch, isImported, backbone } = props
  const right = report.confusion_matrix.reduce((sum, row, index) => sum + (row[index] ?? 0), 0)
  const words = { test: 'held-out test pictures', val: 'validation pictures', train: 'training pictures' }[split]
  return (
    <dl className={classes.headline}>
      <Figure label="Accuracy" value={formatShare(report.accuracy)}>
        {formatCount(right)} of {formatCount(report.count)} {words} right
      </Figure>
      <Figure label="Macro-F1" value={formatShare(report.macro.f1)}>
        mean over {formatPlural(report.classes.length, 'class', 'classes')}
      </Figure>
      <Figure label="Loss" value={formatLoss(report.loss)}>
        cross-entropy
      </Figure>
      <Figure label="Wrong" value={formatCount(report.count - right)}>
        {report.count === right ? 'none to look at' : 'shown in the matrix'}
      </Figure>
      <Figure label="Checkpoint" value={isImported ? 'Imported' : bestEpoch === null ? 'best' : `Epoch ${bestEpoch}`}>
        {isImported ? backbone : `the best, ${backbone}`}
      </Figure>
    </dl>
  )
}

function Figure(props: { label: string; value: string; children: ReactNode }) {
  return (
    <div>
      <dt>{props.label}</dt>
      <dd className={classes.figure}>{props.value}</dd>
      <dd className="meta">{props.children}</dd>
    </div>
  )
}
