/** Says that the run to be begins with another run's model, and leads back. */
import { IconGitBranch } from '@tabler/icons-react'
import type { RunConfig } from '../../../shared/domain/run-config'
import { resetSetting } from '../../state/draft'
import { useMachine } from '../../state/machine'
import { go } from '../../state/place'
import { runOfWeights } from '../../state/starting-model'
import classes from './starting-model.module.css'

export function StartingModelNote(props: { config: RunConfig; classNames: readonly string[] }) {
  const { config, classNames } = props
  const runs = useMachine((machine) => machine.runs)
  const from = runOfWeights(config.weights, runs)
  if (from === null) return null
  const { record, folder } = from
  const isSameClasses = record !== null && record.classes.join('\n') === classNames.join('\n')
  const headWords = record === null ? '' : isSameClasses ? ', and with its head, as the classes are the same' : '; the classes are others, so a fresh head is put on'
  return (
    <section className={classes.note} aria-label="Starting model">
      <IconGitBranch size={18} aria-hidden />
      <div>
        <p>
          <span className="strong">Trains on from {record?.name ?? folder}.</span> The run begins with its best weights{headWords}.
        </p>
        {record !== null && record.backbone !== config.backbone && (
          <p className={classes.problem}>
            That model is a {record.backbone}, and {config.backbone} is chosen: its weights do not fit.
          </p>
        )}
        <p className={classes.ways}>
          <button type="button" className="link-button" onClick={() => resetSetting('weights')}>
            Begin with the published weights instead
          </button>
          {record !== null && (
            <button type="button" className="link-button" onClick={() => go('runs')}>
              Back to the runs
            </button>
          )}
        </p>
      </div>
    </section>
  )
}
