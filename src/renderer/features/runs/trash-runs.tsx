/** Runs to the trash; where there is none, that is said, and deleting for good is asked about. */
import { Button } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { isLive, type RunRecord } from '../../../shared/domain/run'
import { formatPlural } from '../../ui/format'
import classes from './run-panel.module.css'
import { deleteForGood, type NotTrashed, trashRuns } from './run-marking'

export function TrashButton(props: { runs: readonly RunRecord[]; onRefused: (refused: NotTrashed) => void }) {
  const { runs, onRefused } = props
  const [isBusy, setIsBusy] = useState(false)
  const hasLive = runs.some((run) => isLive(run.status))
  const trash = async (): Promise<void> => {
    setIsBusy(true)
    const refused = await trashRuns(runs)
    setIsBusy(false)
    if (refused !== null) onRefused(refused)
  }
  return (
    <Button variant="default" loading={isBusy} leftSection={<IconTrash size={16} aria-hidden />} disabled={hasLive} title={hasLive ? 'Stop it first' : undefined} onClick={() => void trash()}>
      Move to trash
    </Button>
  )
}

export function DeleteForGood(props: { refused: NotTrashed; onEnd: () => void }) {
  const { refused, onEnd } = props
  const [isBusy, setIsBusy] = useState(false)
  const { runs, failure } = refused
  const what = runs.length === 1 ? (runs[0]?.name ?? '') : formatPlural(runs.length, 'run')
  const remove = async (): Promise<void> => {
    setIsBusy(true)
    await deleteForGood(runs)
    onEnd()
  }
  return (
    <div className={classes.deleting} role="alertdialog" aria-label={`Delete ${what}`}>
      <p>{failure.message} What was trained can be deleted for good: checkpoints, results and log. The pictures and what was exported stay.</p>
      <div className={classes.buttons}>
        <Button variant="default" onClick={onEnd} autoFocus>
          Keep {runs.length === 1 ? 'it' : 'them'}
        </Button>
        <Button color="red" loading={isBusy} onClick={() => void remove()}>
          Delete for good
        </Button>
      </div>
    </div>
  )
}
