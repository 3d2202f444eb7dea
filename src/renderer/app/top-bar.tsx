/** What is open, where it computes, and the next sensible step. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconArrowRight, IconCpu, IconDatabase } from '@tabler/icons-react'
import { useDataset } from '../state/dataset'
import { firstLive } from '../state/live-runs'
import { useMachine } from '../state/machine'
import { go, usePlace } from '../state/place'
import { useRun } from '../state/run'
import { screenOf } from '../state/run-screen'
import { statusOf } from '../state/run-view'
import { formatBytes, formatCount } from '../ui/format'
import { StatusDot } from '../ui/run-status'
import { CommandButton } from './commands/command-palette'
import { nextAction } from './next-action'
import classes from './top-bar.module.css'

export function TopBar() {
  const screen = usePlace((place) => place.screen)
  const datasetName = useDataset(({ state }) => (state.kind === 'open' ? state.summary.name : null))
  const openRun = useRun((open) => open.record)
  const status = useRun(statusOf)
  const liveRun = useMachine((machine) => firstLive(machine.runs))
  const action = nextAction({ screen, isDatasetOpen: datasetName !== null, openRun, liveRun })

  return (
    <section className={classes.bar} aria-label={t`What is open`}>
      <div className={classes.open}>
        {datasetName !== null && (
          <button type="button" className={classes.thing} title={datasetName} onClick={() => go('dataset')}>
            <IconDatabase size={16} stroke={1.6} aria-hidden />
            <span className="visually-hidden">{t`Dataset`} </span>
            <span className="ellipsis">{datasetName}</span>
          </button>
        )}
        {openRun !== null && (
          <button
            type="button"
            className={classes.thing}
            title={openRun.name}
            onClick={() => go(screenOf(openRun))}
          >
            {status !== null && <StatusDot status={status} />}
            <span className="visually-hidden">{t`Run`} </span>
            <span className="ellipsis">{openRun.name}</span>
          </button>
        )}
        {datasetName === null && openRun === null && <span className={classes.nothing}><Trans>Nothing open</Trans></span>}
      </div>
      <CommandButton />
      <DeviceChip />
      {action !== null && (
        <Button rightSection={<IconArrowRight size={16} aria-hidden />} onClick={() => go(action.screen, action.runId === undefined ? {} : { runId: action.runId })}>
          {action.label}
        </Button>
      )}
    </section>
  )
}

/** What computes, how fast it is at the moment, and the memory it takes or there is. */
function DeviceChip() {
  const info = useMachine((machine) => machine.info)
  const speed = useRun((open) => open.view.progress?.images_per_second ?? null)
  // Paused, there is no trainer, and its memory is free.
  const usedBytes = useRun((open) => (open.view.status === 'paused' ? null : (open.view.progress?.memory_bytes ?? null)))
  if (info === null) return null
  const name = info.device === null ? plural({ cores: info.cores }, { one: 'CPU, # thread', other: 'CPU, # threads' }) : info.device.name
  const memory = usedBytes !== null && usedBytes > 0 ? t`${{ size: formatBytes(usedBytes) }} in use` : t`${{ free: formatBytes(info.freeMemoryBytes) }} of ${{ all: formatBytes(info.memoryBytes) }} free`
  return (
    <div className={classes.chip} title={info.device === null ? t`The engine is not looked at yet` : `${info.device.name}, TensorFlow ${info.device.tensorflowVersion}`}>
      <IconCpu size={16} stroke={1.6} aria-hidden />
      <span className="ellipsis">{name}</span>
      {speed !== null && speed > 0 && <span className={`${classes.part ?? ''} ${classes.speed ?? ''}`}><Trans>{{ speed: formatCount(speed) }} images/s</Trans></span>}
      <span className={classes.part}>{memory}</span>
    </div>
  )
}
