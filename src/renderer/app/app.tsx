/** The frame around the screens: rail, top bar, what lies over everything. */
import { t } from '@lingui/core/macro'
import { MantineProvider } from '@mantine/core'
import { useEffect } from 'react'
import { CompareScreen } from '../features/compare/compare-screen'
import { ConfigureScreen } from '../features/configure/configure-screen'
import { DatasetScreen } from '../features/dataset/dataset-screen'
import { ExportScreen } from '../features/export/export-screen'
import { ImportDialog } from '../features/import/import-dialog'
import { ResultsScreen } from '../features/results/results-screen'
import { RunsScreen } from '../features/runs/runs-screen'
import { SettingsScreen } from '../features/settings/settings-screen'
import { TrainScreen } from '../features/train/train-screen'
import { TryPane } from '../features/try/try-pane'
import { restoreDataset } from '../state/dataset'
import { report } from '../state/machine'
import { usePlace } from '../state/place'
import { type Screen, triedRun } from '../state/route'
import { FolderPicker } from '../ui/folder-picker'
import { cssVariablesResolver, theme } from '../ui/theme'
import classes from './app.module.css'
import { CommandPalette } from './commands/command-palette'
import { ShortcutSheet } from './commands/shortcut-sheet'
import { ConnectionBanner } from './connection-banner'
import { DrawingBoundary } from './drawing-boundary'
import { DropOverlay } from './drop-overlay'
import { FailureToast } from './failure-toast'
import { LeaveDialog } from './leave-dialog'
import { PageTitle } from './page-title'
import { Rail } from './rail'
import { ThemeFromSettings, themeManager } from './theme-choice'
import { TopBar } from './top-bar'

const SCREENS: Readonly<Record<Screen, () => React.JSX.Element>> = {
  dataset: DatasetScreen,
  configure: ConfigureScreen,
  train: TrainScreen,
  results: ResultsScreen,
  export: ExportScreen,
  runs: RunsScreen,
  compare: CompareScreen,
  settings: SettingsScreen,
}

const TITLES: Readonly<Record<Screen, string>> = {
  dataset: t`Dataset`,
  configure: t`Configure`,
  train: t`Train`,
  results: t`Results`,
  export: t`Export`,
  runs: t`Runs`,
  compare: t`Compare runs`,
  settings: t`Settings`,
}

export function App() {
  const screen = usePlace((place) => place.screen)
  const datasetId = usePlace((place) => place.datasetId)
  const tried = usePlace(triedRun)
  const CurrentScreen = SCREENS[screen]

  useEffect(() => {
    void restoreDataset().catch(report)
  }, [datasetId])

  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} colorSchemeManager={themeManager} defaultColorScheme="auto">
      <ThemeFromSettings />
      <PageTitle screen={TITLES[screen]} />
      <div className={classes.frame} data-trying={tried !== null || undefined}>
        <Rail />
        <TopBar />
        <div className={classes.content} key={screen}>
          <DrawingBoundary of={screen}>
            <CurrentScreen />
          </DrawingBoundary>
        </div>
        {tried !== null && (
          <div className={classes.beside}>
            <DrawingBoundary of={tried}>
              <TryPane runId={tried} />
            </DrawingBoundary>
          </div>
        )}
      </div>
      <ConnectionBanner />
      <FailureToast />
      <ImportDialog />
      <FolderPicker />
      <LeaveDialog />
      <DropOverlay />
      <CommandPalette />
      <ShortcutSheet />
    </MantineProvider>
  )
}
