/** All settings in their groups: what most people touch is open, the rest is filled in and folded. */
import { plural, t } from '@lingui/core/macro'
import { SegmentedControl } from '@mantine/core'
import type { ReactNode } from 'react'
import { type AugmentationPolicy, AUGMENTATION_POLICIES } from '../../../shared/domain/augmentation'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import type { BackboneCard, FreezePlan } from '../../../shared/domain/model'
import { augmentationSchema } from '../../../shared/domain/run-config'
import { splitDataset } from '../../state/dataset'
import { baseAugmentation, choosePolicy, resetAugmentation, resetSetting, sameValue, setAugmentation, setSetting, useDraft } from '../../state/draft'
import { formatShare } from '../../ui/format'
import { SplitBar, SplitKey } from '../../ui/split-bar'
import { SplitEditor } from '../../ui/split-editor'
import { AugmentPreview } from '../augment-preview/augment-preview'
import { ClassWeights, FocalAlpha } from './class-numbers'
import { GroupSection } from './group-section'
import { groupKeys, type GroupName, GROUP_TITLES, summaryOf } from './group-summaries'
import { NetworkGroup } from './network-group'
import { helpOf, type RunSetting } from './setting-fields'
import { openWords, ownStages, type SettingForm } from './setting-form'
import classes from './setting-groups.module.css'
import { Row, SettingRow } from './setting-row'
import {
  AUGMENT_SETTINGS,
  AUGMENTATION_PARTS,
  LOSS_SETTINGS,
  MACHINE_SETTINGS,
  NETWORK_SETTINGS,
  OPTIMIZER_SETTINGS,
  SCHEDULE_SETTINGS,
  STOPPING_SETTINGS,
  TRAINING_SETTINGS,
} from './setting-tables'
import type { ForecastState } from './use-forecasts'

interface GroupsProps {
  summary: DatasetSummary
  isSplitting: boolean
  form: SettingForm
  cards: readonly BackboneCard[] | null
  /** Of the run's own freezing. */
  plan: FreezePlan | null
  /** Of this configuration. */
  forecast: ForecastState
  /** True while nothing may be measured. */
  isHeld: boolean
  /** Stands below the learning rates. */
  finder: ReactNode
}

function Fields({ settings, form, children }: { settings: readonly RunSetting[]; form: SettingForm; children?: ReactNode }) {
  const { config, base } = form
  return (
    <div className={classes.fields}>
      {settings.map((setting) => {
        const own = ownStages(config, setting.key)
        const help = own === null ? {} : own.isAll ? { idle: own.words } : { help: `${helpOf(setting.key)} · ${own.words}` }
        return (
          <SettingRow
            key={setting.key}
            setting={setting}
            value={config[setting.key]}
            base={sameValue(config[setting.key], base[setting.key]) ? null : { value: base[setting.key] }}
            config={config}
            source={form.sourceOf(setting.key)}
            note={setting.key === 'epochs' ? null : openWords(form, setting.key)}
            problem={form.problemAt(setting.key)}
            {...help}
            onChange={(value) => setSetting(setting.key, value)}
            onReset={() => resetSetting(setting.key)}
          />
        )
      })}
      {children}
    </div>
  )
}

export function SettingGroups(props: GroupsProps) {
  const { summary, isSplitting, form, cards, plan, forecast, isHeld, finder } = props
  const { config, base } = form
  const group = (name: GroupName) => {
    const keys = groupKeys(name)
    const paths = keys.flatMap((key) => (key === 'augmentation' ? Object.keys(config.augmentation).map((part) => `augmentation.${part}`) : [key]))
    return {
      title: GROUP_TITLES[name],
      summary: summaryOf(name, config, summary),
      changed: paths.filter((path) => form.sourceOf(path) === 'changed').length,
      problems: paths.filter((path) => form.problemAt(path) !== null).length,
    }
  }
  const resetFor = (key: 'class_weights' | 'focal_alpha') => (sameValue(config[key], base[key]) ? null : { words: typeof base[key] === 'string' ? base[key] : t`none`, onReset: () => resetSetting(key) })
  return (
    <div className={classes.groups}>
      <GroupSection {...group('training')} isOpenAtFirst>
        <Fields settings={TRAINING_SETTINGS} form={form} />
        {finder}
      </GroupSection>
      <GroupSection {...group('network')} isOpenAtFirst>
        <NetworkGroup form={form} cards={cards} plan={plan} classNames={summary.classes.length} forecast={forecast} isHeld={isHeld} />
        <Fields settings={NETWORK_SETTINGS} form={form} />
      </GroupSection>
      <GroupSection {...group('schedule')}>
        <Fields settings={[...SCHEDULE_SETTINGS, ...STOPPING_SETTINGS]} form={form} />
      </GroupSection>
      <GroupSection {...group('optimizer')}>
        <Fields settings={OPTIMIZER_SETTINGS} form={form} />
      </GroupSection>
      <GroupSection {...group('loss')}>
        <Fields settings={LOSS_SETTINGS} form={form} />
        <Row isWide label={t`Class weights`} help={helpOf('class_weights')} source={form.sourceOf('class_weights')} problem={problemUnder(form, 'class_weights')} reset={resetFor('class_weights')}>
          <ClassWeights config={config} summary={summary} />
        </Row>
        <Row
          isWide
          label={t`Focal alpha`}
          help={helpOf('focal_alpha')}
          idle={config.loss === 'focal' ? null : t`Used with the focal loss only`}
          source={form.sourceOf('focal_alpha')}
          problem={problemUnder(form, 'focal_alpha')}
          reset={resetFor('focal_alpha')}
        >
          {config.loss === 'focal' || config.focal_alpha !== null ? <FocalAlpha config={config} summary={summary} /> : null}
        </Row>
      </GroupSection>
      <GroupSection {...group('augmentation')}>
        <AugmentationFields form={form} summary={summary} />
      </GroupSection>
      <GroupSection {...group('split')}>
        <div className={classes.split}>
          <div className={classes.counts}>
            <SplitBar counts={summary.split} isTall />
            <SplitKey counts={summary.split} />
            <p className="meta">
              {trainedWords(summary)}
            </p>
          </div>
          <SplitEditor
            ratios={summary.ratios}
            seed={summary.seed}
            layout={summary.layout}
            counts={summary.split}
            isBusy={isSplitting}
            onApply={(ratios, seed) => void splitDataset(ratios, seed)}
          />
        </div>
      </GroupSection>
      <GroupSection {...group('machine')}>
        <Fields settings={MACHINE_SETTINGS} form={form} />
      </GroupSection>
    </div>
  )
}

/** A problem of one class's number stands at the whole. */
function problemUnder(form: SettingForm, path: string) {
  return form.problemAt(path) ?? form.problemAt(`${path}.*`)
}

/** `400 pictures, of which 70 % are trained on.` */
function trainedWords({ pictures, split }: DatasetSummary): string {
  const share = formatShare(pictures === 0 ? null : split.train / pictures, 0)
  return plural(pictures, { one: `# picture, of which ${share} are trained on.`, other: `# pictures, of which ${share} are trained on.` })
}

const NO_POLICY = 'own'
const POLICY_LABELS: Readonly<Record<AugmentationPolicy, string>> = { light: t`Light`, medium: t`Medium`, strong: t`Strong` }

function AugmentationFields({ form, summary }: { form: SettingForm; summary: DatasetSummary }) {
  const { config, base } = form
  const { preset, changes } = useDraft()
  const amounts = baseAugmentation({ preset, changes })
  const policy = config.augmentation_policy ?? NO_POLICY
  return (
    <div className={classes.withPreview}>
      <div className={classes.besides}>
        <AugmentPreview summary={summary} />
      </div>
      <div className={classes.amounts}>
        <Fields settings={AUGMENT_SETTINGS} form={form} />
        <Row
          isWide
          label={t`Policy`}
          help={t`A named set of amounts. What is changed below comes on top; choosing a policy sets all of them again`}
          idle={config.augment ? null : t`Augmentation is off`}
          source={form.sourceOf('augmentation_policy')}
          problem={form.problemAt('augmentation_policy')}
          reset={sameValue(config.augmentation_policy, base.augmentation_policy) ? null : { words: base.augmentation_policy ?? t`the preset’s own`, onReset: () => resetSetting('augmentation_policy') }}
        >
          <div className={classes.weights}>
            <SegmentedControl
              aria-label={t`Policy`}
              disabled={!config.augment}
              data={[{ value: NO_POLICY, label: t`Own amounts` }, ...AUGMENTATION_POLICIES.map((value) => ({ value, label: POLICY_LABELS[value] }))]}
              value={policy}
              onChange={(next) => choosePolicy(AUGMENTATION_POLICIES.find((name) => name === next) ?? null)}
            />
          </div>
        </Row>
        {AUGMENTATION_PARTS.map(({ title, settings }) => (
          <div key={title} role="group" aria-label={title}>
            <h3 className={classes.part}>{title}</h3>
            <div className={classes.fields}>
              {settings.map((setting) => (
                <SettingRow
                  key={setting.key}
                  setting={setting}
                  value={config.augmentation[setting.key]}
                  base={sameValue(config.augmentation[setting.key], amounts[setting.key]) ? null : { value: amounts[setting.key] }}
                  config={config}
                  source={form.sourceOf(`augmentation.${setting.key}`)}
                  problem={form.problemAt(`augmentation.${setting.key}`)}
                  help={helpOf(`augmentation.${setting.key}`)}
                  hasSlider
                  onChange={(value: unknown) => setAugmentation(setting.key, augmentationSchema.shape[setting.key].parse(value))}
                  onReset={() => resetAugmentation(setting.key)}
                />
              ))}
            </div>
          </div>
        ))}
      </div>
    </div>
  )
}
