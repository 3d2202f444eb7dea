/** The second step: a preset with its time, every setting below it, and the way into training. */
import { Button } from '@mantine/core'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import { isLive } from '../../../shared/domain/run'
import { OWN_PRESETS, type OwnPresetName } from '../../../shared/domain/presets'
import type { RunConfig } from '../../../shared/domain/run-config'
import { useDataset } from '../../state/dataset'
import { choosePreset, draftConfig, presetConfig, realChanges, useDraft } from '../../state/draft'
import { useMachine } from '../../state/machine'
import { go } from '../../state/place'
import { clearStartFailure, useStart } from '../../state/start-run'
import { FailurePanel } from '../../ui/failure-panel'
import { formatPlural } from '../../ui/format'
import { splitSentence } from '../../ui/split-bar'
import classes from './configure-screen.module.css'
import { PresetCards } from './preset-cards'
import { SettingGroups } from './setting-groups'
import { StartPanel } from './start-panel'
import { StartingModelNote } from './starting-model'
import { useForecasts } from './use-forecasts'

export function ConfigureScreen() {
  const state = useDataset((store) => store.state)
  if (state.kind === 'open') return <Configure summary={state.summary} isSplitting={state.isSplitting} />
  return (
    <main className={`screen ${classes.empty}`}>
      <h1>{state.kind === 'opening' ? 'The dataset is being opened' : 'Choose the pictures first'}</h1>
      <p>What to set, and how long it takes, depends on the dataset.</p>
      <Button onClick={() => go('dataset')}>Go to the dataset</Button>
    </main>
  )
}

function Configure(props: { summary: DatasetSummary; isSplitting: boolean }) {
  const { summary, isSplitting } = props
  const { preset, changes, copiedFrom } = useDraft()
  const { isStarting, failure } = useStart()
  const isRunLive = useMachine((machine) => machine.runs?.some((run) => isLive(run.status)) ?? false)
  const config = draftConfig({ preset, changes }, summary)
  const configs = Object.fromEntries(
    OWN_PRESETS.map((name) => [name, draftConfig({ preset: name, changes: realChanges(name, changes) }, summary)]),
  ) as Record<OwnPresetName, RunConfig>
  const forecasts = useForecasts(summary.datasetId, configs, preset, isStarting || isRunLive || isSplitting)
  return (
    <main className={`screen ${classes.screen}`}>
      <div className={classes.head}>
        <h1>Configure</h1>
        <p className="meta ellipsis" title={summary.root}>
          {summary.name} · {formatPlural(summary.classes.length, 'class', 'classes')} · {splitSentence(summary.split)}
          {copiedFrom !== null && ` · settings copied from ${copiedFrom}`}
        </p>
      </div>
      <div className={classes.columns}>
        <div className={classes.main}>
          {failure !== null && (
            <div className={classes.failure}>
              <FailurePanel failure={failure} title="The run did not start" onClose={clearStartFailure} />
            </div>
          )}
          <StartingModelNote config={config} classNames={summary.classes.map(({ name }) => name)} />
          <PresetCards chosen={preset} configs={configs} forecasts={forecasts} isHeld={isRunLive} onChoose={choosePreset} />
          <SettingGroups summary={summary} isSplitting={isSplitting} config={config} base={presetConfig(preset)} forecast={forecasts[preset]} isHeld={isRunLive} />
        </div>
        <StartPanel summary={summary} config={config} forecast={forecasts[preset]} isRunLive={isRunLive} />
      </div>
    </main>
  )
}
