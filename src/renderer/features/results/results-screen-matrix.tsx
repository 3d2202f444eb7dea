/** What is taken for what, as a matrix and as a list, with the classes' own figures beside it. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl } from '@mantine/core'
import type { Split } from '../../../shared/domain/dataset'
import type { Evaluation } from '../../../shared/domain/metrics'
import { ConfusionMatrix } from '../../ui/confusion-matrix'
import type { Cell } from '../../ui/matrix'
import { useMatrixOrder } from '../../ui/matrix-order'
import { MatrixPairs } from '../../ui/matrix-pairs'
import { MatrixTools } from '../../ui/matrix-tools'
import { MOST_CLASSES_READ, useMatrixView } from '../../ui/matrix-view'
import { ClassReport } from './class-report'
import { FigureMenu } from './figure-menu'
import classes from './results-screen.module.css'

const MATRIX_LABELS: Readonly<Record<Split, string>> = {
  test: t`Confusion matrix on the test pictures`,
  val: t`Confusion matrix on the validation pictures`,
  train: t`Confusion matrix on the training pictures`,
}

const HEIGHT = 460
/** Beyond a few dozen classes each pixel counts. */
const LARGE_HEIGHT = 560

export function MatrixAndClasses(props: { runId: string; evaluation: Evaluation; selected: Cell | null; onOpen: (cell: Cell) => void }) {
  const { runId, evaluation, selected, onOpen } = props
  const { classes: names, report } = evaluation
  const { order, normalise, beside } = useMatrixView()
  const places = useMatrixOrder(report.confusion_matrix, names, order)
  const isLarge = names.length > MOST_CLASSES_READ
  const shown = beside ?? (isLarge ? 'pairs' : 'classes')
  const height = isLarge ? LARGE_HEIGHT : HEIGHT
  return (
    <div className={classes.columns}>
      <section aria-labelledby="matrix-title">
        <div className={classes.sectionHead}>
          <h2 id="matrix-title">
            <Trans>Confusion matrix</Trans>
          </h2>
          <FigureMenu runId={runId} figure={normalise === 'none' ? 'confusion_matrix' : 'confusion_matrix_normalized'} split={evaluation.split} label={t`Save the confusion matrix`} />
        </div>
        <div className={classes.matrixTools}>
          <MatrixTools classCount={names.length} />
        </div>
        <ConfusionMatrix
          classNames={names}
          matrix={report.confusion_matrix}
          normalise={normalise}
          order={places}
          label={MATRIX_LABELS[evaluation.split]}
          largestCell={96}
          height={height}
          selected={selected}
          onOpen={onOpen}
        />
      </section>
      <section aria-labelledby="classes-title">
        <div className={classes.sectionHead}>
          <h2 id="classes-title">{shown === 'pairs' ? t`Worst pairs` : t`Classes`}</h2>
          <SegmentedControl
            aria-label={t`Beside the matrix`}
            value={shown}
            onChange={(value) => useMatrixView.setState({ beside: value === 'pairs' ? 'pairs' : 'classes' })}
            data={[
              { value: 'classes', label: t`Classes` },
              { value: 'pairs', label: t`Worst pairs` },
            ]}
          />
        </div>
        {shown === 'pairs' ? <MatrixPairs classNames={names} matrix={report.confusion_matrix} normalise={normalise} selected={selected} onOpen={onOpen} maxHeight={height} /> : <ClassReport report={report} />}
      </section>
    </div>
  )
}
