/** Says that the run to be begins with another run's model, and leads back. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
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
  const name = record?.name ?? folder
  const beginning =
    record === null
      ? t`The run begins with its best weights.`
      : isSameClasses
        ? t`The run begins with its best weights, and with its head, as the classes are the same.`
        : t`The run begins with its best weights; the classes are others, so a fresh head is put on.`
  return (
    <section className={classes.note} aria-label={t`Starting model`}>
      <IconGitBranch size={18} aria-hidden />
      <div>
        <p>
          <span className="strong">
            <Trans>Trains on from {name}.</Trans>
          </span>{' '}
          {beginning}
        </p>
        {record !== null && record.backbone !== config.backbone && (
          <p className={classes.problem}>
            <Trans>
              That model is a {{ its: record.backbone }}, and {{ chosen: config.backbone }} is chosen: its weights do not fit.
            </Trans>
          </p>
        )}
        <p className={classes.ways}>
          <button type="button" className="link-button" onClick={() => resetSetting('weights')}>
            <Trans>Begin with the published weights instead</Trans>
          </button>
          {record !== null && (
            <button type="button" className="link-button" onClick={() => go('runs')}>
              <Trans>Back to the runs</Trans>
            </button>
          )}
        </p>
      </div>
    </section>
  )
}
