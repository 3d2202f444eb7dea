/** The confusion matrix of the newest epoch, beside the curves. */
import { useElementSize } from '@mantine/hooks'
import { memo } from 'react'
import type { EpochRecord } from '../../../shared/domain/metrics'
import { ConfusionMatrix } from '../../ui/confusion-matrix'
import classes from './train-screen.module.css'

/** Before the first epoch its grid stands there without numbers, so that nothing moves when they come. */
export const LatestMatrix = memo(function LatestMatrix(props: { classNames: readonly string[]; epoch: EpochRecord | null }) {
  const { classNames, epoch } = props
  const { ref, height } = useElementSize()
  return (
    <section className={classes.matrix} aria-label="Confusion matrix">
      <h2 className={classes.matrixTitle}>
        Confusion matrix{' '}
        <span className="meta">{epoch === null ? 'with the first epoch' : `validation, epoch ${epoch.epoch}`}</span>
      </h2>
      <div ref={ref} className={classes.matrixBody}>
        {epoch === null && <p className="visually-hidden">It comes with the first epoch, and again with each one after it.</p>}
        {height > 0 && classNames.length > 0 && (
          <div inert={epoch === null} aria-hidden={epoch === null}>
            <ConfusionMatrix
              classNames={classNames}
              matrix={epoch?.confusion_matrix ?? []}
              isBlank={epoch === null}
              label={`Confusion matrix of epoch ${epoch?.epoch ?? 0}`}
              labelWidth={88}
              largestCell={88}
              height={height}
            />
          </div>
        )}
      </div>
    </section>
  )
})
