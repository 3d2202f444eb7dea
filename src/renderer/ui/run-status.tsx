/** A run's state as a mark and a word; never by colour alone. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { RunRecord, RunStatus } from '../../shared/domain/run'
import classes from './run-status.module.css'

export const STATUS_WORDS: Readonly<Record<RunStatus, string>> = {
  queued: t`Queued`,
  waiting: t`Waiting`,
  preparing: t`Preparing`,
  training: t`Training`,
  paused: t`Paused`,
  evaluating: t`Evaluating`,
  completed: t`Completed`,
  stopped: t`Stopped`,
  interrupted: t`Interrupted`,
  failed: t`Failed`,
}

/** Decoration beside a word or name; says nothing to a screen reader. */
export function StatusDot(props: { status: RunStatus }) {
  return <span className={classes.dot} data-status={props.status} title={STATUS_WORDS[props.status]} aria-hidden />
}

/** The state of a run of the list: a model that was trained elsewhere has none but that. */
export function RunState(props: { run: Pick<RunRecord, 'status' | 'origin'> }) {
  if (props.run.origin === 'trained') return <StatusWord status={props.run.status} />
  return (
    <span className={classes.word}>
      <span className={classes.dot} data-status="imported" aria-hidden />
      <Trans>Imported</Trans>
    </span>
  )
}

export function StatusWord(props: { status: RunStatus }) {
  return (
    <span className={classes.word}>
      <StatusDot status={props.status} />
      {STATUS_WORDS[props.status]}
    </span>
  )
}
