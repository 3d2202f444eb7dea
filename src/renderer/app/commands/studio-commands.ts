/** The commands that make sense at the moment. */
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
  ['dataset', 'Dataset', 'pictures classes split health'],
  ['configure', 'Configure', 'settings recipe stages learning rate augmentation preset'],
  ['train', 'Train', 'curves progress'],
  ['results', 'Results', 'confusion matrix mistakes accuracy report'],
  ['export', 'Export', 'onnx tensorflow pytorch savedmodel'],
  ['runs', 'Runs', 'list history compare'],
  ['settings', 'Settings', 'theme storage background doctor'],
]

const THEMES: readonly [Settings['theme'], string][] = [['light', 'Use the light theme'], ['dark', 'Use the dark theme'], ['system', 'Use the system’s theme']] // prettier-ignore

/** Of a run in one line: what, how it stands, what it reached. */
function runDetail({ backbone, status, origin, monitor, best_metric: best }: RunRecord): string {
  const reached = origin === 'trained' && best !== null && monitor !== 'val_loss' ? ` · ${formatShare(best)}` : ''
  return `${backbone} · ${origin === 'imported' ? 'imported' : STATUS_WORDS[status].toLowerCase()}${reached}`
}

function runActions({ openRun, status, runs }: CommandSources): Command[] {
  const commands: Command[] = []
  const act = (id: string, label: string, run: () => void, keywords = '') => commands.push({ id, group: 'Do', label, keywords, act: run, ...(openRun === null ? {} : { detail: openRun.name }) })
  if (status === 'training') act('pause', 'Pause training', pauseRun, 'hold wait')
  if (status === 'paused') act('unpause', 'Go on training', unpauseRun, 'continue unpause')
  if (status === 'training' || status === 'paused' || status === 'preparing') act('stop', 'Stop, keep the best', stopRun, 'end cancel training')
  if (status === 'stopped' || status === 'interrupted') act('resume', 'Resume the run', resumeRun, 'continue')
  if (openRun !== null && openRun.origin === 'trained' && (status === 'paused' || status === 'stopped' || status === 'interrupted' || status === 'failed')) {
    act('queue', 'Put the run into the queue', () => void putIntoQueue(openRun.run_id), 'later next wait turn')
  }
  if (openRun !== null && status === 'queued') act('start now', 'Start the queued run now', () => void startFromQueue(openRun.run_id), 'queue begin')
  if (openRun !== null && hasModel(openRun)) act('try', 'Try pictures on the model', () => (go(isLive(openRun.status) ? 'train' : 'results'), setTrying(true)), 'test predict camera paste')
  const live = firstLive(runs === null ? null : [...runs])
  if (live !== null) commands.push({ id: 'watch', group: 'Do', label: 'Watch the live run', detail: live.name, act: () => go('train', { runId: live.run_id }) })
  return commands
}

async function chooseDataset(): Promise<void> {
  const path = await chooseFolder('Choose a folder of pictures')
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
    { id: 'choose', group: 'Do', label: 'Choose a folder of pictures', keywords: 'open dataset import', act: () => void chooseDataset() },
    { id: 'sample', group: 'Do', label: 'Use the sample pictures', keywords: 'open dataset example demo', act: () => openAndShow(openSample) },
    { id: 'import', group: 'Do', label: 'Bring in a model', keywords: 'import checkpoint weights open pth safetensors onnx', act: () => openImport() },
    ...THEMES.filter(([theme]) => theme !== settings?.theme).map(
      ([theme, label]): Command => ({ id: `theme ${theme}`, group: 'Do', label, keywords: 'colours appearance night day mode', act: () => void updateSettings({ theme }) }),
    ),
    { id: 'shortcuts', group: 'Do', label: 'Show the keyboard shortcuts', keywords: 'keys help', keys: ['?'], act: showShortcuts },
    { id: 'diagnostics', group: 'Do', label: 'Copy diagnostics', keywords: 'report problem bug support machine versions', act: () => void copyDiagnostics() },
    { id: 'leave', group: 'Do', label: 'Leave the studio', keywords: 'quit exit close', act: () => leave(live) },
    ...PLACES.map(([screen, label, keywords]): Command => ({ id: `go ${screen}`, group: 'Go to', label, keywords, keys: ['g', PLACE_KEYS[screen]], act: goTo(screen) })),
    ...(runs ?? []).map((run): Command => ({ id: `run ${run.run_id}`, group: 'Runs', label: run.name, detail: runDetail(run), keywords: run.run_id, act: () => go(screenOf(run), { runId: run.run_id }) })),
    ...(settings?.recentDatasets ?? []).map((entry): Command => ({ id: `dataset ${entry.root}`, group: 'Recent datasets', label: entry.name, detail: entry.root, keywords: 'open folder', act: () => openAndShow(() => openDataset(entry.root)) })),
  ]
}
