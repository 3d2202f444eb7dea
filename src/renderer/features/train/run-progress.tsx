/** How far a run is: the steps before the first epoch, then one segment an epoch. */
import { t } from '@lingui/core/macro'
import type { RunStatus } from '../../../shared/domain/run'
import { useRun } from '../../state/run'
import type { StageSpan } from '../../state/run-stages'
import { epochsDone } from '../../state/run-view'
import { EpochLine, ProgressLine } from '../../ui/progress-line'
import { PREPARE_NAMES, PREPARE_PHASES, prepareText, progressText } from './run-words'
import classes from './train-screen.module.css'

export function RunProgress(props: { status: RunStatus | null; planned: number; stages: readonly StageSpan[] }) {
  const { status, planned, stages } = props
  const { view } = useRun()
  if (status === 'preparing') return <Preparing />
  const done = epochsDone(view)
  const words = progressWords(status, view)
  return (
    <div className={classes.progress}>
      {status === 'waiting' ? (
        <ProgressLine label={t`Waiting`} share={0} isTall />
      ) : status === 'evaluating' ? (
        <ProgressLine label={t`Evaluating`} share={null} isTall />
      ) : (
        <EpochLine label={t`Epochs`} done={done} planned={planned} best={view.bestEpoch} starts={stages.slice(1).map(({ firstEpoch }) => firstEpoch)} />
      )}
      <p className={`${classes.progressText} ellipsis`} title={words}>
        {words}
      </p>
    </div>
  )
}

function progressWords(status: RunStatus | null, view: ReturnType<typeof useRun.getState>['view']): string {
  switch (status) {
    case 'waiting':
      return view.statusMessage ?? t`Waiting for the machine: one training runs at a time. This run starts by itself.`
    case 'evaluating':
      return t`Evaluating the best epoch on the pictures it has not seen`
    case 'paused':
      // Where nobody paused it, it says why.
      if (view.statusMessage !== null) return view.statusMessage
      return `${t`Paused, its memory is free`}${view.progress === null ? '' : ` · ${progressText(view.progress)}`}`
    case null:
      return t`Opening the run`
    default:
      return view.progress === null ? t`Epoch ${{ epoch: (view.epochs.at(-1)?.epoch ?? 0) + 1 }} is at work` : progressText(view.progress)
  }
}

function Preparing() {
  const preparing = useRun((run) => run.view.preparing)
  const at = preparing === null ? -1 : PREPARE_PHASES.indexOf(preparing.phase)
  const share = preparing === null || preparing.total <= 1 ? null : preparing.done / preparing.total
  return (
    <div className={classes.progress}>
      <ProgressLine label={t`Preparing`} share={share} isTall />
      <div className={classes.prepareLine}>
        <p className={`${classes.progressText} ellipsis`}>
          {preparing === null ? t`Starting the trainer` : prepareText(preparing.phase, preparing.done, preparing.total)}
        </p>
        <ol className={classes.steps} aria-label={t`Steps before training`}>
          {PREPARE_PHASES.slice(0, 4).map((phase, index) => (
            <li key={phase} data-state={index < at ? 'done' : index === at ? 'busy' : 'ready'} aria-current={index === at ? 'step' : undefined}>
              {PREPARE_NAMES[phase]}
              <span className="visually-hidden"> {index < at ? t`done` : index === at ? t`in progress` : t`to come`}</span>
            </li>
          ))}
        </ol>
      </div>
    </div>
  )
}
