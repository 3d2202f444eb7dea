/** The ways to a dataset: a folder, the sample, and those opened lately. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconFolder } from '@tabler/icons-react'
import { openDataset, openSample } from '../../state/dataset'
import { useMachine } from '../../state/machine'
import { chooseFolder } from '../../ui/folder-picker'
import { formatDate } from '../../ui/format'
import classes from './sources.module.css'

async function chooseDataset(): Promise<void> {
  const path = await chooseFolder(t`Choose a folder of pictures`)
  if (path !== null) openDataset(path)
}

export function SourceButtons(props: { isQuiet?: boolean }) {
  return (
    <div className={classes.buttons}>
      <Button
        variant={props.isQuiet === true ? 'default' : 'filled'}
        leftSection={props.isQuiet === true ? undefined : <IconFolder size={16} aria-hidden />}
        onClick={() => void chooseDataset()}
      >
        <Trans>Choose folder</Trans>
      </Button>
      <Button variant="default" onClick={openSample}>
        <Trans>Use the sample</Trans>
      </Button>
    </div>
  )
}

export function RecentDatasets() {
  const recent = useMachine((machine) => machine.settings?.recentDatasets ?? null)
  if (recent === null || recent.length === 0) return null
  return (
    <section aria-labelledby="recent-datasets">
      <h2 id="recent-datasets" className={classes.heading}>
        <Trans>Recent</Trans>
      </h2>
      <ul className={classes.recent}>
        {recent.map((entry) => (
          <li key={entry.root}>
            <button type="button" className={classes.entry} onClick={() => openDataset(entry.root)} title={entry.root}>
              <span className={`${classes.name} ellipsis strong`}>{entry.name}</span>
              <span className={`${classes.path} mono`}>
                <bdi>{entry.root}</bdi>
              </span>
              <span className="meta">{formatDate(entry.openedAt)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
