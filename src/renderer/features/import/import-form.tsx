/** What is asked before a model comes in: the file, the pictures, and what the file may not say itself. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, TextInput, Textarea } from '@mantine/core'
import { IconFileImport } from '@tabler/icons-react'
import { useId, type ReactNode, type SyntheticEvent } from 'react'
import { MODEL_ENDINGS } from '../../../shared/domain/import'
import { useDataset } from '../../state/dataset'
import { closeImport, lastPart, nameOf, setForm, sourceAt, startImport, useImport, type ImportPictures, type ModelSource } from '../../state/import'
import { classCount, pictureCount } from '../../ui/counts'
import { chooseFolder, chooseModelFile } from '../../ui/folder-picker'
import { formatBytes } from '../../ui/format'
import { NumberField } from '../../ui/number-field'
import classes from './import-dialog.module.css'

async function chooseSource(): Promise<void> {
  const path = await chooseModelFile(t`Choose the model’s file`)
  if (path !== null) setForm({ source: sourceAt(path) })
}

async function choosePictures(): Promise<void> {
  const path = await chooseFolder(t`Choose the folder of its pictures`)
  if (path !== null) setForm({ pictures: { kind: 'folder', path } })
}

export function ImportForm() {
  const { source, name, labels, imageSize } = useImport(({ form }) => form)
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    if (source !== null) void startImport()
  }
  return (
    <form className={classes.body} onSubmit={submit}>
      <Source source={source} />
      <TextInput
        label={t`Name of the run`}
        placeholder={source === null ? t`The file’s name` : nameOf(source)}
        maxLength={200}
        autoComplete="off"
        value={name}
        onChange={(event) => setForm({ name: event.currentTarget.value })}
      />
      <Pictures />
      <details className={classes.more} open={labels !== '' || imageSize !== null || undefined}>
        <summary>
          <Trans>What the file may not say itself</Trans>
        </summary>
        <div className={classes.moreFields}>
          <Textarea
            label={t`Names of its classes`}
            description={t`In the order of its outputs, one a line or separated by commas`}
            placeholder={t`From the file, else from the folders of the pictures`}
            size="xs"
            autosize
            minRows={2}
            maxRows={6}
            value={labels}
            onChange={(event) => setForm({ labels: event.currentTarget.value })}
          />
          <NumberField label={t`Image size`} value={imageSize} low={32} high={1024} isWhole isOptional placeholder={t`From the file, else 224`} unit="px" onChange={(value) => setForm({ imageSize: value })} />
        </div>
      </details>
      <div className={classes.foot}>
        <span className="meta">
          <Trans>The file is read as data; nothing in it is run.</Trans>
        </span>
        <Button variant="default" onClick={closeImport}>
          <Trans>Cancel</Trans>
        </Button>
        <Button type="submit" disabled={source === null}>
          <Trans>Bring in</Trans>
        </Button>
      </div>
    </form>
  )
}

function Source(props: { source: ModelSource | null }) {
  const { source } = props
  if (source === null) {
    return (
      <div className={classes.source} data-empty>
        <Button data-autofocus leftSection={<IconFileImport size={16} aria-hidden />} onClick={() => void chooseSource()}>
          <Trans>Choose file</Trans>
        </Button>
        <div>
          <p>
            <Trans>or drop it on the window</Trans>
          </p>
          <p className="meta">
            <Trans>What torch.save wrote, or safetensors: {{ endings: MODEL_ENDINGS }}</Trans>
          </p>
        </div>
      </div>
    )
  }
  return (
    <div className={classes.source}>
      <div className={classes.sourceWords}>
        <p className="strong ellipsis" title={source.name}>
          {source.name}
        </p>
        {source.kind === 'path' ? (
          <p className={`mono ${classes.path}`}>{source.path}</p>
        ) : (
          <p className="meta">
            <Trans>
              {{ size: formatBytes(source.file.size) }}, sent to {{ host: window.location.host }} when you bring it in, and deleted there afterwards
            </Trans>
          </p>
        )}
      </div>
      <Button variant="default" onClick={() => void chooseSource()}>
        <Trans>Change</Trans>
      </Button>
    </div>
  )
}

function Pictures() {
  const pictures = useImport(({ form }) => form.pictures)
  const open = useDataset(({ state }) => (state.kind === 'open' ? state.summary : null))
  const chosenFolder = pictures.kind === 'folder' ? pictures.path : null
  return (
    <fieldset className={classes.pictures}>
      <legend>
        <Trans>Pictures to measure it on</Trans>
      </legend>
      <Choice value={{ kind: 'none' }} chosen={pictures}>
        <Trans>None</Trans>
        <span className="meta">
          <Trans>It can be exported and trained on from, and measured later</Trans>
        </span>
      </Choice>
      {open !== null && (
        <Choice value={{ kind: 'open', datasetId: open.datasetId }} chosen={pictures}>
          <span className="ellipsis">
            <Trans>The open dataset, {{ name: open.name }}</Trans>
          </span>
          <span className="meta">
            {classCount(open.classes.length)}, {pictureCount(open.pictures)}
          </span>
        </Choice>
      )}
      {chosenFolder !== null && (
        <Choice value={{ kind: 'folder', path: chosenFolder }} chosen={pictures}>
          <span className="ellipsis">
            <Trans>The folder {{ folder: lastPart(chosenFolder) }}</Trans>
          </span>
          <span className={`mono ${classes.path}`}>{chosenFolder}</span>
        </Choice>
      )}
      <button type="button" className={`link-button ${classes.folder ?? ''}`} onClick={() => void choosePictures()}>
        {chosenFolder === null ? t`Choose a folder of pictures` : t`Choose another folder`}
      </button>
    </fieldset>
  )
}

function Choice(props: { value: ImportPictures; chosen: ImportPictures; children: ReactNode }) {
  const { value, chosen, children } = props
  const id = useId()
  return (
    <label className={classes.choice} htmlFor={id}>
      <input type="radio" id={id} name="import-pictures" checked={value.kind === chosen.kind} onChange={() => setForm({ pictures: value })} />
      <span>{children}</span>
    </label>
  )
}
