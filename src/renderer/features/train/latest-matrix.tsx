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
        <span className="meta">{epoch === null ? 'validation' : `validation, epoch ${epoch.epoch}`}</span>
      </h2>
      <div ref={ref} className={classes.matrixBody}>
        {epoch === null && <p className="meta">Comes with the first epoch, and again with each one after it.</p>}
        {epoch !== null && height > 0 && classNames.length > 0 && (
          <ConfusionMatrix
            classNames={classNames}
            matrix={epoch.confusion_matrix}
            isNormalized={false}
            label={`Confusion matrix of epoch ${epoch.epoch}`}
            labelWidth={88}
            largestCell={88}
            height={height}
          />
        )}
      </div>
    </section>
  )
}
