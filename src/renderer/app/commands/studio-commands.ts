/** The commands that make sense at the moment. */
import { t } from '@lingui/core/macro'
import { hasModel, isLive, type RunRecord, type RunStatus } from '../../../shared/domain/run'
import type { Settings } from '../../../shared/domain/system'
import { openDataset, openSample } from '../../state/dataset'
import { openImport } from '../../state/import'
import { firstLive } from '../../state/live-runs'
import { updateSettings } from '../../state/machine'
import { go, setTrying } from '../../state/place'
import type { Screen } from '../../state/route'
import { putIntoQueue, startFromQueue } from '../../state/queue'
import { pauseRun, resumeRun, stopRun, unpauseRun } from '../../state/run'
import { screenOf } from '../../state/run-screen'
import { chooseFolder } from '../../ui/folder-picker'
import { formatShare } from '../../ui/format'
import { STATUS_WORDS } from '../../ui/run-status'
import { copyDiagnostics } from '../../state/diagnostics'
import { leave } from '../leave-state'
import { type Command, PLACE_KEYS } from './command'
import { showShortcuts } from './shortcuts'

export interface CommandSources {
  readonly settings: Settings | null
  /** Newest first; null until they are known. */
  readonly runs: readonly RunRecord[] | null
  readonly openRun: RunRecord | null
  /** Of the open run, as its events say. */
  readonly status: RunStatus | null
}

const PLACES: readonly [keyof typeof PLACE_KEYS, string, string][] = [
  ['dataset', t`Dataset`, t`pictures classes split health`],
  ['configure', t`Configure`, t`settings recipe stages learning rate augmentation preset`],
  ['train', t`Train`, t`curves progress`],
  ['results', t`Results`, t`confusion matrix mistakes accuracy report`],
  ['export', t`Export`, t`onnx tensorflow pytorch savedmodel`],
  ['runs', t`Runs`, t`list history compare`],
  ['settings', t`Settings`, t`theme storage background doctor`],
]

const THEMES: readonly [Settings['theme'], string][] = [['light', t`Use the light theme`], ['dark', t`Use the dark theme`], ['system', t`Use the system’s theme`]] // prettier-ignore

/** Of a run in one line: what, how it stands, what it reached. */
function runDetail({ backbone, status, origin, monitor, best_metric: best }: RunRecord): string {
  const reached = origin === 'trained' && best !== null && monitor !== 'val_loss' ? ` · ${formatShare(best)}` : ''
  return `${backbone} · ${origin === 'imported' ? t`imported` : STATUS_WORDS[status].toLowerCase()}${reached}`
}

function runActions({ openRun, status, runs }: CommandSources): Command[] {
  const commands: Command[] = []
  const act = (id: string, label: string, run: () => void, keywords = '') => commands.push({ id, group: 'do', label, keywords, act: run, ...(openRun === null ? {} : { detail: openRun.name }) })
  if (status === 'training') act('pause', t`Pause training`, pauseRun, t`hold wait`)
  if (status === 'paused') act('unpause', t`Go on training`, unpauseRun, t`continue unpause`)
  if (status === 'training' || status === 'paused' || status === 'preparing') act('stop', t`Stop, keep the best`, stopRun, t`end cancel training`)
  if (status === 'stopped' || status === 'interrupted') act('resume', t`Resume the run`, resumeRun, t`continue`)
  if (openRun !== null && openRun.origin === 'trained' && (status === 'paused' || status === 'stopped' || status === 'interrupted' || status === 'failed')) {
    act('queue', t`Put the run into the queue`, () => void putIntoQueue(openRun.run_id), t`later next wait turn`)
  }
  if (openRun !== null && status === 'queued') act('start-queued', t`Start the queued run now`, () => void startFromQueue(openRun.run_id), t`queue begin`)
  if (openRun !== null && hasModel(openRun)) act('try', t`Try pictures on the model`, () => (go(isLive(openRun.status) ? 'train' : 'results'), setTrying(true)), t`test predict camera paste`)
  const live = firstLive(runs === null ? null : [...runs])
  if (live !== null) commands.push({ id: 'watch', group: 'do', label: t`Watch the live run`, detail: live.name, act: () => go('train', { runId: live.run_id }) })
  return commands
}

async function chooseDataset(): Promise<void> {
  const path = await chooseFolder(t`Choose a folder of pictures`)
  if (path !== null) openAndShow(() => openDataset(path))
}

function openAndShow(open: () => void): void {
  go('dataset')
  open()
}

export function studioCommands(sources: CommandSources): Command[] {
  const { settings, runs } = sources
  const live = (runs ?? []).some(({ status }) => isLive(status))
  const goTo = (screen: Screen) => () => go(screen)
  return [
    ...runActions(sources),
    { id: 'choose', group: 'do', label: t`Choose a folder of pictures`, keywords: t`open dataset import`, act: () => void chooseDataset() },
    { id: 'sample', group: 'do', label: t`Use the sample pictures`, keywords: t`open dataset example demo`, act: () => openAndShow(openSample) },
    { id: 'import', group: 'do', label: t`Bring in a model`, keywords: t`import checkpoint weights open pth safetensors onnx`, act: () => openImport() },
    ...THEMES.filter(([theme]) => theme !== settings?.theme).map(
      ([theme, label]): Command => ({ id: `theme ${theme}`, group: 'do', label, keywords: t`colours appearance night day mode`, act: () => void updateSettings({ theme }) }),
    ),
    { id: 'shortcuts', group: 'do', label: t`Show the keyboard shortcuts`, keywords: t`keys help`, keys: ['?'], act: showShortcuts },
    { id: 'diagnostics', group: 'do', label: t`Copy diagnostics`, keywords: t`report problem bug support machine versions`, act: () => void copyDiagnostics() },
    { id: 'leave', group: 'do', label: t`Leave the studio`, keywords: t`quit exit close`, act: () => leave(live) },
    ...PLACES.map(([screen, label, keywords]): Command => ({ id: `go ${screen}`, group: 'go', label, keywords, keys: ['g', PLACE_KEYS[screen]], act: goTo(screen) })),
    ...(runs ?? []).map((run): Command => ({ id: `run ${run.run_id}`, group: 'runs', label: run.name, detail: runDetail(run), keywords: run.run_id, act: () => go(screenOf(run), { runId: run.run_id }) })),
    ...(settings?.recentDatasets ?? []).map((entry): Command => ({ id: `dataset ${entry.root}`, group: 'datasets', label: entry.name, detail: entry.root, keywords: t`open folder`, act: () => openAndShow(() => openDataset(entry.root)) })),
  ]
}
