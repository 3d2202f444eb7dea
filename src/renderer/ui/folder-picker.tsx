/** Choosing a folder, or a model's file: the system's own dialog in the window, a list of the server's folders in a browser. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Modal, TextInput } from '@mantine/core'
import { IconArrowUp, IconFile, IconFolder, IconFolderPlus } from '@tabler/icons-react'
import { useEffect, useRef, useState, type SyntheticEvent } from 'react'
import { create } from 'zustand'
import type { Failure } from '../../shared/domain/error'
import { MODEL_ENDINGS } from '../../shared/domain/import'
import { client, host } from '../state/host'
import { report } from '../state/machine'
import type { Client } from '../transport/connection'
import { failureOf } from '../transport/streams'
import { FailurePanel } from './failure-panel'
import classes from './folder-picker.module.css'
import { formatBytes } from './format'

type Folder = Awaited<ReturnType<Client['files']['list']>>

type Wanted = 'folder' | 'model'

interface Request {
  title: string
  wanted: Wanted
  answer: (path: string | null) => void
}

const usePicker = create<{ request: Request | null }>(() => ({ request: null }))

const OPEN_WORDS: Readonly<Record<Wanted, string>> = { folder: t`Open a folder to choose it`, model: t`Open the folder that the file lies in` }

/** Where the last choice was made; the next one starts there. */
let lastPath = ''

/** Asks for a folder. Null when the person closed the dialog. A question that is still open is answered with null first. */
export async function chooseFolder(title: string): Promise<string | null> {
  if (host().door === 'desktop') return fromSystem(() => client().files.chooseFolder({ title }))
  return fromList(title, 'folder')
}

/** Asks for the file of a model, in the same way. */
export async function chooseModelFile(title: string): Promise<string | null> {
  if (host().door === 'desktop') return fromSystem(() => client().files.chooseModelFile({ title }))
  return fromList(title, 'model')
}

async function fromSystem(ask: () => Promise<{ path: string | null }>): Promise<string | null> {
  try {
    return (await ask()).path
  } catch (error) {
    report(error)
    return null
  }
}

function fromList(title: string, wanted: Wanted): Promise<string | null> {
  usePicker.getState().request?.answer(null)
  return new Promise((resolve) => {
    usePicker.setState({
      request: {
        title,
        wanted,
        answer: (path) => {
          usePicker.setState({ request: null })
          resolve(path)
        },
      },
    })
  })
}

/** True while the list of the server's folders lies over everything. */
export function usePickerOpen(): boolean {
  return usePicker((state) => state.request !== null)
}

/** The dialog itself; once in the frame. */
export function FolderPicker() {
  const request = usePicker((state) => state.request)
  return (
    <Modal opened={request !== null} onClose={() => request?.answer(null)} title={request?.title ?? ''} size={640} padding={0} classNames={{ header: classes.header }}>
      {request !== null && <FolderList key={request.wanted} wanted={request.wanted} onAnswer={request.answer} />}
    </Modal>
  )
}

function lastPart(path: string): string {
  return path.split(/[/\\]/).filter((part) => part !== '').at(-1) ?? path
}

function FolderList(props: { wanted: Wanted; onAnswer: (path: string | null) => void }) {
  const { wanted, onAnswer } = props
  const [path, setPath] = useState(lastPath)
  const [folder, setFolder] = useState<Folder | null>(null)
  const [typed, setTyped] = useState('')
  const [failure, setFailure] = useState<Failure | null>(null)
  const [newName, setNewName] = useState<string | null>(null)
  /** The file that is marked. */
  const [file, setFile] = useState<string | null>(null)
  const list = useRef<HTMLUListElement>(null)

  const show = (next: Folder): void => {
    setFolder(next)
    setTyped(next.path)
    setFailure(null)
    setNewName(null)
    setFile(null)
    list.current?.scrollTo({ top: 0 })
  }

  useEffect(() => {
    const controller = new AbortController()
    client()
      .files.list({ path }, { signal: controller.signal })
      .then((next) => !controller.signal.aborted && show(next))
      .catch((error: unknown) => {
        if (controller.signal.aborted) return
        if (path === lastPath && path !== '') {
          // The folder of the last choice is gone: start at the roots.
          lastPath = ''
          setPath('')
        } else setFailure(failureOf(error))
      })
    return () => controller.abort()
  }, [path])

  const makeFolder = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault()
    const name = newName?.trim() ?? ''
    if (folder === null || name === '') return
    try {
      const made = await client().files.makeFolder({ parent: folder.path, name })
      show(made)
      setPath(made.path)
    } catch (error) {
      setFailure(failureOf(error))
    }
  }

  const isRoots = folder?.path === ''
  const models = wanted === 'model' ? (folder?.models ?? []) : []
  const contentWords =
    wanted === 'model'
      ? plural({ models: models.length }, { one: '# model', other: '# models' })
      : plural({ pictures: folder?.pictures ?? 0 }, { one: '# picture directly in it', other: '# pictures directly in it' })
  const answer = (path: string): void => {
    lastPath = folder?.path ?? lastPath
    onAnswer(path)
  }
  return (
    <div className={classes.picker}>
      <form
        className={classes.bar}
        onSubmit={(event) => {
          event.preventDefault()
          setPath(typed.trim())
        }}
      >
        <Button
          variant="default"
          aria-label={t`Folder above`}
          px={8}
          disabled={folder === null || folder.parent === null}
          onClick={() => folder?.parent !== null && folder?.parent !== undefined && setPath(folder.parent)}
        >
          <IconArrowUp size={16} aria-hidden />
        </Button>
        <TextInput
          aria-label={t`Path of the folder`}
          className={classes.path}
          classNames={{ input: 'mono' }}
          placeholder={t`Folders that this studio may use`}
          value={typed}
          spellCheck={false}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {wanted === 'folder' && (
          <Button variant="default" leftSection={<IconFolderPlus size={16} aria-hidden />} disabled={folder === null || isRoots} onClick={() => setNewName('')}>
            <Trans>New folder</Trans>
          </Button>
        )}
      </form>
      {newName !== null && (
        <form className={classes.bar} onSubmit={(event) => void makeFolder(event)}>
          <TextInput
            aria-label={t`Name of the new folder`}
            className={classes.path}
            placeholder={t`Name`}
            data-autofocus
            autoFocus
            maxLength={200}
            value={newName}
            onChange={(event) => setNewName(event.currentTarget.value)}
          />
          <Button type="submit" disabled={newName.trim() === ''}>
            <Trans>Make it</Trans>
          </Button>
          <Button variant="default" onClick={() => setNewName(null)}>
            <Trans>Cancel</Trans>
          </Button>
        </form>
      )}
      {failure !== null && (
        <div className={classes.failure}>
          <FailurePanel failure={failure} onClose={() => (setFailure(null), setTyped(folder?.path ?? ''), setPath(folder?.path ?? ''))} />
        </div>
      )}
      <ul className={classes.list} ref={list} aria-label={wanted === 'model' ? t`Folders and models` : t`Folders`}>
        {folder?.folders.map((entry) => (
          <li key={entry.path}>
            <button type="button" className={classes.entry} onClick={() => setPath(entry.path)}>
              <IconFolder size={16} aria-hidden />
              <span className="ellipsis">{entry.name}</span>
            </button>
          </li>
        ))}
        {models.map((entry) => (
          <li key={entry.path}>
            <button
              type="button"
              className={classes.entry}
              aria-pressed={entry.path === file}
              data-chosen={entry.path === file || undefined}
              onClick={() => setFile(entry.path)}
              onDoubleClick={() => answer(entry.path)}
            >
              <IconFile size={16} aria-hidden />
              <span className={`${classes.fileName} ellipsis`}>{entry.name}</span>
              <span className="meta">{formatBytes(entry.sizeBytes)}</span>
            </button>
          </li>
        ))}
        {folder !== null && folder.folders.length + models.length === 0 && (
          <li className={classes.empty}>{wanted === 'model' ? t`No folders in here, and no file whose name ends in ${MODEL_ENDINGS}.` : t`No folders in here.`}</li>
        )}
      </ul>
      <div className={classes.foot}>
        <span className="meta ellipsis" aria-live="polite">
          {folder === null ? t`Looking` : isRoots ? OPEN_WORDS[wanted] : `${lastPart(folder.path)} · ${plural({ folders: folder.folders.length }, { one: '# folder', other: '# folders' })} · ${contentWords}`}
        </span>
        <Button variant="default" onClick={() => onAnswer(null)}>
          <Trans>Cancel</Trans>
        </Button>
        <Button
          disabled={folder === null || isRoots || (wanted === 'model' && file === null)}
          onClick={() => folder !== null && answer(wanted === 'model' ? (file ?? '') : folder.path)}
        >
          {wanted === 'model' ? t`Use this file` : t`Use this folder`}
        </Button>
      </div>
    </div>
  )
}
