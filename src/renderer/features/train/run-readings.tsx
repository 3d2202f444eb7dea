/** The run's instruments: one line of figures that keep their places. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useEffect, useState, type ReactNode } from 'react'
import { isLive, type RunStatus } from '../../../shared/domain/run'
import { useMachine } from '../../state/machine'
import { useRun } from '../../state/run'
import { epochsDone } from '../../state/run-view'
import { timeLeftRange } from '../../state/time-left'
import { pictureCount } from '../../ui/counts'
import { formatBytes, formatCount, formatDurationRange } from '../../ui/format'
import { StatusWord } from '../../ui/run-status'
import classes from './train-screen.module.css'
import { meanSpeed, phaseName, PREPARE_NAMES } from './run-words'

export function RunReadings(props: { status: RunStatus | null; planned: number }) {
  const { status, planned } = props
  const { view, record } = useRun()
  const machineDevice = useMachine((machine) => machine.info?.device?.name ?? null)
  const lastEpoch = view.epochs.at(-1) ?? null
  const progress = status === 'training' || status === 'paused' ? view.progress : null
  const wholeEpochs = lastEpoch?.epoch ?? record?.epochs_done ?? 0
  const isInEpoch = status === 'training' || status === 'paused'
  const epoch = progress?.epoch ?? (isInEpoch ? Math.min(planned, wholeEpochs + 1) : wholeEpochs)
  const hasEnded = status !== null && !isLive(status)
  // What the last epoch told says nothing of a run that waits or prepares again.
  const past = isInEpoch || hasEnded ? lastEpoch : null
  const speed = hasEnded ? meanSpeed(view.epochs.length, record, view.done) : (progress?.images_per_second ?? past?.images_per_second ?? null)
  const memory = progress?.memory_bytes ?? past?.memory_bytes ?? null
  const plannedWords = formatCount(planned)
  const phase =
    status === 'preparing' && view.preparing !== null ? PREPARE_NAMES[view.preparing.phase] : progress === null ? '–' : phaseName(progress)
  return (
    <dl className={classes.readings}>
      <Reading label={t`Status`}>{status === null ? t`Opening` : <StatusWord status={status} />}</Reading>
      <Reading label={t`Epoch`}>
        <Trans>
          {{ epoch: formatCount(epoch) }} <span className={classes.of}>of {plannedWords}</span>
        </Trans>
      </Reading>
      {hasEnded ? <Reading label={t`Preset`}>{record?.preset ?? t`none`}</Reading> : <Reading label={t`Phase`}>{phase}</Reading>}
      <Reading label={hasEnded ? t`Mean speed` : t`Speed`}>
        {speed === null || speed === 0 ? (
          '–'
        ) : (
          <Trans>
            {{ speed: formatCount(speed) }} <span className={classes.of}>images/s</span>
          </Trans>
        )}
      </Reading>
      <Reading label={t`Memory`}>{memory === null ? '–' : formatBytes(memory)}</Reading>
      {!hasEnded ? (
        <Reading label={t`Time left`}>
          <TimeLeft status={status} />
        </Reading>
      ) : (
        <Reading label={t`Trained on`}>{record === null ? '–' : pictureCount(record.counts.train)}</Reading>
      )}
      <Reading label={t`Device`} isWide>
        {view.start?.device ?? record?.device ?? machineDevice ?? '–'}
      </Reading>
    </dl>
  )
}

function Reading(props: { label: string; isWide?: boolean; children: ReactNode }) {
  return (
    <div className={classes.reading} data-wide={props.isWide || undefined}>
      <dt>{props.label}</dt>
      <dd className={props.isWide ? 'ellipsis' : undefined}>{props.children}</dd>
    </div>
  )
}

const TICK_MS = 1000

function TimeLeft(props: { status: RunStatus | null }) {
  const view = useRun((run) => run.view)
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  if (props.status === 'evaluating') return t`a moment`
  if (props.status !== 'training') return '–'
  const range = timeLeftRange(view.endGuesses, epochsDone(view), nowMs)
  return range === null ? <span className={classes.of}>{t`measuring`}</span> : formatDurationRange(range.lowSeconds, range.highSeconds)
}
