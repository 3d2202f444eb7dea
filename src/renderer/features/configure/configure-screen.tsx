/** The second step: a preset with its time, what will happen in it, every setting below, and the way into training. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useState } from 'react'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import { OWN_PRESETS, type OwnPresetName, type PresetName } from '../../../shared/domain/presets'
import { backboneChildren, planRates, stepsPerEpoch } from '../../../shared/domain/rate-plan'
import { isLive } from '../../../shared/domain/run'
import { assumedBatchSize, type RunConfig } from '../../../shared/domain/run-config'
import { chooseRecipe } from '../../state/choose-recipe'
import { useDataset } from '../../state/dataset'
import { draftConfig, presetConfig, realChanges, setSetting, setStages, useDraft } from '../../state/draft'
import { draftRequest, originOf } from '../../state/draft-origin'
import { useMachine } from '../../state/machine'
import { go } from '../../state/place'
import { useRateFinder } from '../../state/rate-finder'
import { clearStartFailure, startHindrance, useStart } from '../../state/start-run'
import { classCount } from '../../ui/counts'
import { FailurePanel } from '../../ui/failure-panel'
import { splitSentence } from '../../ui/split-bar'
import classes from './configure-screen.module.css'
import { GuideRecipes } from './guide-recipes'
import { PresetCards } from './preset-cards'
import { RateFinderPanel } from './rate-finder-panel'
import { RecipePicture } from './recipe-picture'
import { comparableRun, type SettingForm } from './setting-form'
import { SettingGroups } from './setting-groups'
import { withValue } from './stage-edits'
import { StagesEditor } from './stages-editor'
import { StartPanel } from './start-panel'
import { StartingModelNote } from './starting-model'
import { useForecasts, type Wanted } from './use-forecasts'
import { useBackbones, useFreezePlan } from './use-models'
import { freezeQuestion, useStagePlans } from './use-stage-plans'

export function ConfigureScreen() {
  const state = useDataset((store) => store.state)
  if (state.kind === 'open') return <Configure summary={state.summary} isSplitting={state.isSplitting} />
  return (
    <main className={`screen ${classes.empty}`}>
      <h1>{state.kind === 'opening' ? t`The dataset is being opened` : t`Choose the pictures first`}</h1>
      <p>
        <Trans>What to set, and how long it takes, depends on the dataset.</Trans>
      </p>
      <Button onClick={() => go('dataset')}>
        <Trans>Go to the dataset</Trans>
      </Button>
    </main>
  )
}

/** The chosen preset first, as it is asked about first. */
function wantedOf(chosen: PresetName, changes: ReturnType<typeof useDraft.getState>['changes'], summary: DatasetSummary): Wanted[] {
  return [chosen, ...OWN_PRESETS.filter((name) => name !== chosen)].map((preset) => {
    const draft = { preset, changes: realChanges(preset, changes) }
    return { preset, config: draftConfig(draft, summary), request: draftRequest(draft, summary) }
  })
}

function useForm(summary: DatasetSummary, config: RunConfig): SettingForm {
  const { preset, changes } = useDraft()
  const runs = useMachine((machine) => machine.runs)
  const { sourceOf, problems } = originOf({ preset, changes }, summary)
  return {
    config,
    base: presetConfig(preset),
    sourceOf,
    problemAt: (path) => problems.find((problem) => (path.endsWith('.*') ? problem.path.startsWith(path.slice(0, -1)) : problem.path === path)) ?? null,
    lastRun: comparableRun(runs, summary.root, config.backbone),
  }
}

function Configure(props: { summary: DatasetSummary; isSplitting: boolean }) {
  const { summary, isSplitting } = props
  const { preset, changes, copiedFrom } = useDraft()
  const { isStarting, failure } = useStart()
  const [openStage, setOpenStage] = useState<number | null>(null)
  const isRunLive = useMachine((machine) => machine.runs?.some((run) => isLive(run.status)) ?? false)
  const isFinding = useRateFinder((finder) => finder.kind === 'busy')
  const wanted = wantedOf(preset, changes, summary)
  const config = draftConfig({ preset, changes }, summary)
  const configs = Object.fromEntries(wanted.map((one) => [one.preset, one.config])) as Record<OwnPresetName, RunConfig>
  const forecasts = useForecasts(summary.datasetId, wanted, isStarting || isRunLive || isSplitting || isFinding)
  const forecast = forecasts(preset)
  const form = useForm(summary, config)
  const cards = useBackbones()
  const card = cards?.find((entry) => entry.name === config.backbone) ?? null
  const classNames = summary.classes.length
  const plan = useFreezePlan(freezeQuestion(config, config, classNames))
  const frozen = useStagePlans(config, classNames)
  const steps = stepsPerEpoch(summary.split.train, assumedBatchSize(config), config.accumulation_steps)
  const rates = planRates(config, steps, ({ index }) => {
    const stagePlan = frozen[index - 1]
    return stagePlan === null || stagePlan === undefined ? null : backboneChildren(stagePlan)
  })
  const open = openStage !== null && openStage < config.stages.length ? openStage : null
  return (
    <main className={`screen ${classes.screen}`}>
      <div className={classes.head}>
        <h1>
          <Trans>Configure</Trans>
        </h1>
        <p className="meta ellipsis" title={summary.root}>
          {summary.name} · {classCount(classNames)} · {splitSentence(summary.split)}
          {copiedFrom !== null && ` · ${t`settings copied from ${copiedFrom}`}`}
        </p>
      </div>
      <div className={classes.columns}>
        <div className={classes.main}>
          {failure !== null && (
            <div className={classes.failure}>
              <FailurePanel failure={failure} title={t`The run did not start`} onClose={clearStartFailure} />
            </div>
          )}
          <StartingModelNote config={config} classNames={summary.classes.map(({ name }) => name)} />
          <PresetCards chosen={preset} configs={configs} forecasts={forecasts} isHeld={isRunLive} onChoose={(name) => chooseRecipe(name, summary)} />
          <GuideRecipes chosen={preset} cards={cards} onChoose={(name) => chooseRecipe(name, summary)} />
          <RecipePicture
            plan={rates}
            frozen={frozen}
            open={open}
            onOpen={(index) => setOpenStage(config.stages.length === 0 || open === index ? null : index)}
            forecast={forecast.kind === 'known' ? forecast.forecast : null}
            onEpochs={(index, epochs) => (config.stages.length === 0 ? setSetting('epochs', epochs) : setStages(withValue(config.stages, index, 'epochs', epochs)))}
          />
          <StagesEditor form={form} plan={rates} frozen={frozen} card={card} classNames={classNames} forecast={forecast.kind === 'known' ? forecast.forecast : null} open={open} onOpen={setOpenStage} />
          <SettingGroups
            summary={summary}
            isSplitting={isSplitting}
            form={form}
            cards={cards}
            plan={plan}
            forecast={forecast}
            isHeld={isRunLive}
            finder={<RateFinderPanel summary={summary} config={config} hindrance={isRunLive ? t`A run is live: ask again when it has ended` : startHindrance(summary)} />}
          />
        </div>
        <StartPanel summary={summary} config={config} forecast={forecast} isRunLive={isRunLive} />
      </div>
    </main>
  )
}
