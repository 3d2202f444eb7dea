/** How the studio looks, what machine it runs on, where it keeps things, and whether the installation is well. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl, Switch } from '@mantine/core'
import type { ReactNode } from 'react'
import type { SystemInfo } from '../../../shared/domain/system'
import { client, host } from '../../state/host'
import { report, updateSettings, useMachine } from '../../state/machine'
import { useCopy } from '../../ui/copy-text'
import { formatBytes } from '../../ui/format'
import { Diagnostics } from './diagnostics'
import { Doctor } from './doctor'
import classes from './settings-screen.module.css'

const THEMES = [
  { value: 'system', label: t`System` },
  { value: 'light', label: t`Light` },
  { value: 'dark', label: t`Dark` },
] as const

export function SettingsScreen() {
  const settings = useMachine((machine) => machine.settings)
  const info = useMachine((machine) => machine.info)

  return (
    <main className={`screen ${classes.screen ?? ''}`}>
      <h1><Trans>Settings</Trans></h1>
      <Section title={t`Appearance`}>
        <SegmentedControl
          aria-label={t`Theme`}
          data={THEMES.map((theme) => ({ ...theme }))}
          value={settings?.theme ?? 'system'}
          disabled={settings === null}
          onChange={(value) => {
            const theme = THEMES.find((known) => known.value === value)?.value
            if (theme !== undefined) void updateSettings({ theme })
          }}
        />
      </Section>
      <Section title={t`Training`}>
        <Switch
          label={t`In the background`}
          description={t`Training gives way to your other programs. It takes longer only while they are busy, and comes out the same. Switched off, a run that is on may stay in the background until its end.`}
          checked={settings?.background ?? false}
          disabled={settings === null}
          onChange={(event) => void updateSettings({ background: event.currentTarget.checked })}
        />
      </Section>
      <Section title={t`Machine`}>
        <dl className={classes.facts}>
          <dt><Trans>Device</Trans></dt>
          <dd>{info === null ? '–' : info.device === null ? t`Not looked at yet; the check below does` : info.device.name}</dd>
          <dt><Trans>Engine</Trans></dt>
          <dd>{info?.device === null || info === null ? '–' : `TensorFlow ${info.device.tensorflowVersion}`}</dd>
          <dt><Trans>Processor</Trans></dt>
          <dd>{info === null ? '–' : plural({ cores: info.cores }, { one: '# core', other: '# cores' })}</dd>
          <dt><Trans>Memory</Trans></dt>
          <dd>{info === null ? '–' : t`${{ all: formatBytes(info.memoryBytes) }}, ${{ free: formatBytes(info.freeMemoryBytes) }} free`}</dd>
          <dt>Graft</dt>
          <dd>{info === null ? '–' : doorWords(info)}</dd>
        </dl>
      </Section>
      <Section title={t`Folders`}>
        <dl className={classes.facts}>
          {FOLDERS.map((folder) => (
            <FolderRow key={folder.key} folder={folder} path={info?.[folder.key] ?? null} />
          ))}
        </dl>
      </Section>
      <Section title={t`Installation`}>
        <Doctor />
      </Section>
      <Section title={t`Help`}>
        <Diagnostics />
      </Section>
      <Section title={t`About`}>
        <p>
          <Trans>Graft {{ version: info?.version ?? '' }}, under the MIT licence. Pictures, models and runs stay on this machine: nothing is sent anywhere, and only weights that you ask for are fetched.</Trans>
        </p>
      </Section>
    </main>
  )
}

function Section(props: { title: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h2>{props.title}</h2>
      <div>{props.children}</div>
    </section>
  )
}

const doorWords = ({ version, platform, door }: SystemInfo): string => (door === 'desktop' ? t`${version} on ${platform}, in its own window` : t`${version} on ${platform}, served to a browser`)

interface Folder {
  readonly key: 'runsDirectory' | 'dataDirectory' | 'logsDirectory' | 'cacheDirectory'
  readonly name: string
  readonly help: string
  readonly copy: string
  readonly reveal: string
}

const FOLDERS: readonly Folder[] = [
  { key: 'runsDirectory', name: t`Runs`, help: t`Checkpoints, results and logs, one folder a run.`, copy: t`Copy the path of the runs folder`, reveal: t`Reveal the runs folder` },
  { key: 'dataDirectory', name: t`Data`, help: t`Settings, uploads, the sample dataset.`, copy: t`Copy the path of the data folder`, reveal: t`Reveal the data folder` },
  { key: 'logsDirectory', name: t`Logs`, help: t`What went wrong inside Graft, a file for each time; none where nothing did.`, copy: t`Copy the path of the logs folder`, reveal: t`Reveal the logs folder` },
  {
    key: 'cacheDirectory',
    name: t`Cache`,
    help: t`Decoded pictures, kept features, starter weights, the engine. All of it can be made again.`,
    copy: t`Copy the path of the cache folder`,
    reveal: t`Reveal the cache folder`,
  },
]

function FolderRow(props: { folder: Folder; path: string | null }) {
  const { folder, path } = props
  const clipboard = useCopy()
  return (
    <>
      <dt>{folder.name}</dt>
      <dd className={classes.folder}>
        <div>
          <span className="mono">{path ?? '–'}</span>
          <div className="meta">{folder.help}</div>
        </div>
        {path !== null && (
          <button type="button" className="link-button" aria-label={folder.copy} onClick={() => clipboard.copy(path)}>
            {clipboard.copied ? t`Copied` : t`Copy path`}
          </button>
        )}
        {path !== null && host().door === 'desktop' && (
          <button type="button" className="link-button" aria-label={folder.reveal} onClick={() => void client().files.reveal({ path }).catch(report)}>
            <Trans>Reveal</Trans>
          </button>
        )}
      </dd>
    </>
  )
}
