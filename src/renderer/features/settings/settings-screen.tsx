/** How the studio looks, what machine it runs on, where it keeps things, and whether the installation is well. */
import { SegmentedControl, Switch } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { client, host } from '../../state/host'
import { report, updateSettings, useMachine } from '../../state/machine'
import { formatBytes, formatPlural } from '../../ui/format'
import { Diagnostics } from './diagnostics'
import { Doctor } from './doctor'
import classes from './settings-screen.module.css'

const THEMES = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const

export function SettingsScreen() {
  const settings = useMachine((machine) => machine.settings)
  const info = useMachine((machine) => machine.info)

  return (
    <main className={`screen ${classes.screen ?? ''}`}>
      <h1>Settings</h1>
      <Section title="Appearance">
        <SegmentedControl
          aria-label="Theme"
          data={THEMES.map((theme) => ({ ...theme }))}
          value={settings?.theme ?? 'system'}
          disabled={settings === null}
          onChange={(value) => {
            const theme = THEMES.find((known) => known.value === value)?.value
            if (theme !== undefined) void updateSettings({ theme })
          }}
        />
      </Section>
      <Section title="Training">
        <Switch
          label="In the background"
          description="Training gives way to your other programs. It takes longer only while they are busy, and comes out the same. Switched off, a run that is on may stay in the background until its end."
          checked={settings?.background ?? false}
          disabled={settings === null}
          onChange={(event) => void updateSettings({ background: event.currentTarget.checked })}
        />
      </Section>
      <Section title="Machine">
        <dl className={classes.facts}>
          <dt>Device</dt>
          <dd>{info === null ? '–' : info.device === null ? 'Not looked at yet; the check below does' : info.device.name}</dd>
          <dt>Engine</dt>
          <dd>{info?.device === null || info === null ? '–' : `TensorFlow ${info.device.tensorflowVersion}`}</dd>
          <dt>Processor</dt>
          <dd>{info === null ? '–' : formatPlural(info.cores, 'core')}</dd>
          <dt>Memory</dt>
          <dd>{info === null ? '–' : `${formatBytes(info.memoryBytes)}, ${formatBytes(info.freeMemoryBytes)} free`}</dd>
          <dt>Graft</dt>
          <dd>{info === null ? '–' : `${info.version} on ${info.platform}, ${info.door === 'desktop' ? 'in its own window' : 'served to a browser'}`}</dd>
        </dl>
      </Section>
      <Section title="Folders">
        <dl className={classes.facts}>
          <FolderRow name="Runs" path={info?.runsDirectory ?? null} help="Checkpoints, results and logs, one folder a run." />
          <FolderRow name="Data" path={info?.dataDirectory ?? null} help="Settings, uploads, the sample dataset." />
          <FolderRow name="Logs" path={info?.logsDirectory ?? null} help="What went wrong inside Graft, a file for each time; none where nothing did." />
          <FolderRow name="Cache" path={info?.cacheDirectory ?? null} help="Decoded pictures, kept features, starter weights, the engine. All of it can be made again." />
        </dl>
      </Section>
      <Section title="Installation">
        <Doctor />
      </Section>
      <Section title="Help">
        <Diagnostics />
      </Section>
      <Section title="About">
        <p>Graft {info?.version ?? ''}, under the MIT licence. Pictures, models and runs stay on this machine: nothing is sent anywhere, and only weights that you ask for are fetched.</p>
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

function FolderRow(props: { name: string; path: string | null; help: string }) {
  const { name, path, help } = props
  const clipboard = useClipboard({ timeout: 1500 })
  return (
    <>
      <dt>{name}</dt>
      <dd className={classes.folder}>
        <div>
          <span className="mono">{path ?? '–'}</span>
          <div className="meta">{help}</div>
        </div>
        {path !== null && (
          <button type="button" className="link-button" aria-label={`Copy the path of the ${name.toLowerCase()} folder`} onClick={() => clipboard.copy(path)}>
            {clipboard.copied ? 'Copied' : 'Copy path'}
          </button>
        )}
        {path !== null && host().door === 'desktop' && (
          <button type="button" className="link-button" aria-label={`Reveal the ${name.toLowerCase()} folder`} onClick={() => void client().files.reveal({ path }).catch(report)}>
            Reveal
          </button>
        )}
      </dd>
    </>
  )
}
