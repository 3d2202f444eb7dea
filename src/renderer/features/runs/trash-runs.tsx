/** Runs to the trash; where there is none, that is said, and deleting for good is asked about. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { isLive, type RunRecord } from '../../../shared/domain/run'
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
    <Button variant="default" loading={isBusy} leftSection={<IconTrash size={16} aria-hidden />} disabled={hasLive} title={hasLive ? t`Stop it first` : undefined} onClick={() => void trash()}>
      <Trans>Move to trash</Trans>
    </Button>
  )
}

export function DeleteForGood(props: { refused: NotTrashed; onEnd: () => void }) {
  const { refused, onEnd } = props
  const [isBusy, setIsBusy] = useState(false)
  const { runs, failure } = refused
  const label = runs.length === 1 ? t`Delete ${{ name: runs[0]?.name ?? '' }}` : plural({ count: runs.length }, { one: 'Delete # run', other: 'Delete # runs' })
  const remove = async (): Promise<void> => {
    setIsBusy(true)
    await deleteForGood(runs)
    onEnd()
  }
  return (
    <div className={classes.deleting} role="alertdialog" aria-label={label}>
      <p>
        {failure.message} <Trans>What was trained can be deleted for good: checkpoints, results and log. The pictures and what was exported stay.</Trans>
      </p>
      <div className={classes.buttons}>
        <Button variant="default" onClick={onEnd} autoFocus>
          {plural({ count: runs.length }, { one: 'Keep it', other: 'Keep them' })}
        </Button>
        <Button color="red" loading={isBusy} onClick={() => void remove()}>
          <Trans>Delete for good</Trans>
        </Button>
      </div>
    </div>
  )
}
