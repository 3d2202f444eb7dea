/** The whole window takes a dropped folder or a model's file, anywhere, and says beforehand what will happen. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconFolderOpen } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { MODEL_ENDINGS } from '../../shared/domain/import'
import { isLive } from '../../shared/domain/run'
import { askToUpload, useDataset } from '../state/dataset'
import { host } from '../state/host'
import { closeImport, openImportWith, useImport } from '../state/import'
import { report, useMachine } from '../state/machine'
import { usePlace } from '../state/place'
import { triedRun } from '../state/route'
import { GraftError } from '../../shared/domain/error'
import { openPath } from './open-path'
import { droppedModel, walkDrop } from './dropped-files'
import classes from './overlays.module.css'

const REPORT_EVERY = 50

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}

/** The desktop knows where what was dropped lies, so it is opened in its place. */
function openDropped(data: DataTransfer, pathForFile: (file: File) => string): void {
  const files = [...data.files]
  const [first] = files
  if (first === undefined || files.length > 1) {
    throw new GraftError('BAD_INPUT', t`One folder or model was expected, ${{ count: files.length }} came.`, { action: t`Drop the one folder that holds the folders of the classes.` })
  }
  openPath(pathForFile(first))
}

export function DropOverlay() {
  const [isOver, setIsOver] = useState(false)
  const [found, setFound] = useState<number | null>(null)
  const walking = useRef<AbortController | null>(null)
  const isRunLive = useMachine((machine) => machine.runs?.some((run) => isLive(run.status)) ?? false)
  const isImporting = useImport(({ isOpen, work }) => isOpen && work.kind !== 'busy')
  const isTrying = usePlace((place) => triedRun(place) !== null)
  const openName = useDataset(({ state }) => (state.kind === 'open' ? state.summary.name : null))

  useEffect(() => {
    const controller = new AbortController()
    const options = { signal: controller.signal }
    // Entering a child fires before leaving its parent: only as many leaves as enters mean that the drag is gone.
    let depth = 0
    const end = (): void => {
      depth = 0
      setIsOver(false)
    }
    const walk = async (data: DataTransfer): Promise<void> => {
      // Entries must be asked for before the event is over.
      const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
      walking.current?.abort()
      const work = new AbortController()
      walking.current = work
      try {
        const model = await droppedModel(entries)
        if (work.signal.aborted) return
        if (model !== null) return openImportWith({ kind: 'dropped', file: model, name: model.name })
        setFound(0)
        const dropped = await walkDrop(entries, { signal: work.signal, onFound: (files) => files % REPORT_EVERY === 0 && setFound(files) })
        if (work.signal.aborted) return
        if (useImport.getState().work.kind !== 'busy') closeImport()
        askToUpload(dropped)
      } catch (error) {
        report(error)
      } finally {
        if (walking.current === work) setFound(null)
      }
    }
    window.addEventListener('dragenter', (event) => hasFiles(event) && (depth++, event.preventDefault(), setIsOver(true)), options)
    window.addEventListener('dragleave', (event) => hasFiles(event) && --depth <= 0 && end(), options)
    window.addEventListener(
      'dragover',
      (event) => {
        if (!hasFiles(event)) return
        event.preventDefault()
        if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy'
      },
      options,
    )
    window.addEventListener(
      'drop',
      (event) => {
        if (!hasFiles(event) || event.dataTransfer === null) return
        event.preventDefault()
        end()
        const { pathForFile } = host()
        if (pathForFile === null) return void walk(event.dataTransfer)
        try {
          openDropped(event.dataTransfer, pathForFile)
        } catch (error) {
          report(error)
        }
      },
      options,
    )
    return () => controller.abort()
  }, [])

  if (!isOver && found === null) return null
  if (found !== null) {
    return (
      <div className={classes.drop} role="status">
        <div className={classes.dropText}>
          <IconFolderOpen size={40} stroke={1.5} aria-hidden />
          <div className={classes.dropTitle}><Trans>Looking into the folder</Trans></div>
          <p>{t`${plural(found, { one: '# file so far.', other: '# files so far.' })} Nothing has been sent.`}</p>
          <Button variant="default" onClick={() => (walking.current?.abort(), setFound(null))}>
            <Trans>Cancel</Trans>
          </Button>
        </div>
      </div>
    )
  }
  const isDesktop = host().pathForFile !== null
  return (
    <div className={classes.drop} data-beside={isTrying || undefined} aria-hidden>
      <div className={classes.dropText}>
        <IconFolderOpen size={40} stroke={1.5} />
        <div className={classes.dropTitle}>{isImporting ? t`Bring in the model` : t`Open the folder as a dataset`}</div>
        <p>
          {isImporting
            ? t`A file whose name ends in ${MODEL_ENDINGS}. It is read as data; nothing in it is run.`
            : isDesktop
            ? t`It is looked through where it lies. Its pictures are not changed.`
            : t`Its pictures are sent to ${{ address: window.location.host }}, after you have agreed.`}
          {!isImporting && ` ${isDesktop ? t`A model’s file is brought in as a run, and a run’s folder is opened as what it is.` : t`A model’s file is brought in as a run.`}`}
          {!isImporting && openName !== null && ` ${t`${openName} stays among the recent folders.`}`}
          {isRunLive && ` ${t`The run that is live goes on.`}`}
        </p>
      </div>
    </div>
  )
}
