/** The confusion matrix of the newest epoch, beside the curves. */
import { useElementSize } from '@mantine/hooks'
import type { EpochRecord } from '../../../shared/domain/metrics'
import { ConfusionMatrix } from '../../ui/confusion-matrix'
import classes from './train-screen.module.css'

export function LatestMatrix(props: { classNames: readonly string[]; epoch: EpochRecord | null }) {
  const { classNames, epoch } = props
  const { ref, height } = useElementSize()
  return (
    <section className={classes.matrix} aria-label="Confusion matrix">
      <h2 className={classes.matrixTitle}>
        Confusion matrix{' '}
        <span className="meta">{epoch === null ? 'validation, after the first epoch' : `validation, epoch ${epoch.epoch}`}</span>
      </h2>
      <div ref={ref} className={classes.matrixBody}>
        {height > 0 && classNames.length > 0 && (
          <ConfusionMatrix
            classNames={classNames}
            matrix={epoch?.confusion_matrix ?? emptyMatrix(classNames.length)}
            isNormalized={false}
            label={epoch === null ? 'Confusion matrix, empty until the first epoch is over' : `Confusion matrix of epoch ${epoch.epoch}`}
            labelWidth={88}
            largestCell={88}
            height={height}
          />
        )}
      </div>
    </section>
  )
}

function emptyMatrix(count: number): number[][] {
  return Array.from({ length: count }, () => new Array<number>(count).fill(0))
}
