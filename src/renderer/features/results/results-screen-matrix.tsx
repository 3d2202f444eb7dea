/** What is taken for what, as a matrix and as a list, with the classes' own figures beside it. */
import { SegmentedControl } from '@mantine/core'
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

const HEIGHT = 460
/** Beyond a few dozen classes each pixel counts. */
const LARGE_HEIGHT = 560

export function MatrixAndClasses(props: { runId: string; evaluation: Evaluation; splitTitle: string; selected: Cell | null; onOpen: (cell: Cell) => void }) {
  const { runId, evaluation, splitTitle, selected, onOpen } = props
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
          <h2 id="matrix-title">Confusion matrix</h2>
          <FigureMenu runId={runId} figure={normalise === 'none' ? 'confusion_matrix' : 'confusion_matrix_normalized'} split={evaluation.split} title="the confusion matrix" />
        </div>
        <div className={classes.matrixTools}>
          <MatrixTools classCount={names.length} />
        </div>
        <ConfusionMatrix
          classNames={names}
          matrix={report.confusion_matrix}
          normalise={normalise}
          order={places}
          label={`Confusion matrix on the ${splitTitle} pictures`}
          largestCell={96}
          height={height}
          selected={selected}
          onOpen={onOpen}
        />
      </section>
      <section aria-labelledby="classes-title">
        <div className={classes.sectionHead}>
          <h2 id="classes-title">{shown === 'pairs' ? 'Worst pairs' : 'Classes'}</h2>
          <SegmentedControl
            aria-label="Beside the matrix"
            value={shown}
            onChange={(value) => useMatrixView.setState({ beside: value === 'pairs' ? 'pairs' : 'classes' })}
            data={[
              { value: 'classes', label: 'Classes' },
              { value: 'pairs', label: 'Worst pairs' },
            ]}
          />
        </div>
        {shown === 'pairs' ? <MatrixPairs classNames={names} matrix={report.confusion_matrix} normalise={normalise} selected={selected} onOpen={onOpen} maxHeight={height} /> : <ClassReport report={report} />}
      </section>
    </div>
  )
}
