/** The next sensible step from where the person is. Null where the screen itself holds it (Train, Stop, Export). */
import { t } from '@lingui/core/macro'
import { hasModel, isLive, type RunRecord } from '../../shared/domain/run'
import type { Screen } from '../state/route'

export interface NextAction {
  label: string
  screen: Screen
  /** Opens this run on the way. */
  runId?: string
}

export interface NextActionSources {
  screen: Screen
  isDatasetOpen: boolean
  openRun: RunRecord | null
  liveRun: RunRecord | null
}

export function nextAction({ screen, isDatasetOpen, openRun, liveRun }: NextActionSources): NextAction | null {
  const watch: NextAction | null = liveRun === null ? null : { label: t`Watch the live run`, screen: 'train', runId: liveRun.run_id }
  const configure: NextAction | null = isDatasetOpen ? { label: t`Configure training`, screen: 'configure' } : null
  const hasBest = openRun !== null && hasModel(openRun)
  switch (screen) {
    case 'dataset':
      return watch ?? configure
    case 'configure':
      if (watch !== null) return watch
      return isDatasetOpen ? null : { label: t`Open a dataset`, screen: 'dataset' }
    case 'train':
      if (openRun !== null && isLive(openRun.status)) return null
      if (hasBest) return { label: t`See the results`, screen: 'results' }
      return openRun === null ? (watch ?? configure ?? { label: t`Open a dataset`, screen: 'dataset' }) : null
    case 'results':
      return hasBest ? { label: t`Go to export`, screen: 'export' } : watch
    case 'export':
      return watch ?? configure
    case 'runs':
    case 'compare':
    case 'settings':
      return watch ?? configure ?? { label: t`Open a dataset`, screen: 'dataset' }
  }
}
