/** Choosing what the model is written as, and where to. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useEffect, useMemo, useState } from 'react'
import type { RunRecord } from '../../../shared/domain/run'
import { type CheckpointChoice, startExports } from '../../state/export'
import { client } from '../../state/host'
import { report, useMachine } from '../../state/machine'
import { go } from '../../state/place'
import { chooseFolder } from '../../ui/folder-picker'
import { joinPath, parentOf } from './export-folder'
import classes from './export-form.module.css'
import { ExportPanel } from './export-panel'
import { FormatCards } from './format-cards'
import { chosenOptions, useFormatChoices } from './format-choice'
import { freeFolder } from './free-folder'
import { checkedPictures } from './parity-words'
import { planExports } from './plan'
import { useParameters } from './use-parameters'

/** Beside the last export, else in the first folder that may be written to. */
async function firstParent(lastDirectory: string | null): Promise<string | null> {
  if (lastDirectory !== null) return parentOf(lastDirectory)
  const roots = await client().files.list({ path: '' })
  const first = roots.folders[0]?.path ?? (roots.path === '' ? null : roots.path)
  return first === null ? null : joinPath(first, 'graft-exports')
}

export function ExportForm({ record, isBusyElsewhere }: { record: RunRecord; isBusyElsewhere: boolean }) {
  const lastDirectory = useMachine((machine) => machine.settings?.lastExportDirectory ?? null)
  const hasSettings = useMachine((machine) => machine.settings !== null)
  const [checkpoint, setCheckpoint] = useState<CheckpointChoice>('best')
  const [folder, setFolder] = useState<string | null>(null)
  const choices = useFormatChoices()
  const parameters = useParameters(record)
  const planned = useMemo(() => planExports(chosenOptions(choices), folder?.trim() ?? ''), [choices, folder])

  useEffect(() => {
    if (!hasSettings) return
    const propose = async (): Promise<void> => {
      const parent = await firstParent(lastDirectory)
      if (parent === null) return
      const proposed = await freeFolder(parent, record.name)
      setFolder((typed) => typed ?? proposed)
    }
    propose().catch(report)
  }, [hasSettings, lastDirectory, record.name])

  const choose = async (): Promise<void> => {
    const chosen = await chooseFolder(t`Export into which folder`)
    if (chosen !== null) setFolder(await freeFolder(chosen, record.name))
  }
  return (
    <div className={classes.columns}>
      <section aria-label={t`Formats`}>
        {checkedPictures(record.counts) === 0 && <NoPictures />}
        <FormatCards parameters={parameters} />
      </section>
      <ExportPanel
        record={record}
        parameters={parameters}
        planned={planned}
        checkpoint={checkpoint}
        onCheckpoint={setCheckpoint}
        folder={folder ?? ''}
        onFolder={setFolder}
        onChooseFolder={() => void choose().catch(report)}
        isBusyElsewhere={isBusyElsewhere}
        onStart={() => startExports({ runId: record.run_id, checkpoint, folder: folder?.trim() ?? '', tasks: planned })}
      />
    </div>
  )
}

/** A model that came in by itself cannot be held against the original. */
function NoPictures() {
  return (
    <div className={classes.note} role="note">
      <IconAlertTriangle size={18} aria-hidden />
      <div>
        <p className="strong">
          <Trans>This run has no pictures to check an export on</Trans>
        </p>
        <p>
          <Trans>Every export is asked about pictures that the model was not trained on, beside the original. Import the model again together with pictures of its classes, and export that run.</Trans>
        </p>
        <Button variant="default" onClick={() => go('runs')}>
          <Trans>All runs</Trans>
        </Button>
      </div>
    </div>
  )
}
