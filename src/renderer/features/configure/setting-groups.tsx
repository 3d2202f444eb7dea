/** All settings, open, in five groups. */
import { SegmentedControl, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import { assumedBatchSize, type Augmentation, type RunConfig } from '../../../shared/domain/run-config'
import { splitDataset } from '../../state/dataset'
import { resetSetting, sameValue, setSetting, useDraft } from '../../state/draft'
import { formatCount, formatShare } from '../../ui/format'
import { SplitBar, SplitKey } from '../../ui/split-bar'
import { SplitEditor } from '../../ui/split-editor'
import { BackboneChoice } from './backbone-choice'
import { FreezeEditor } from './freeze-editor'
import { HeadChoice } from './head-choice'
import {
  AUGMENT_SETTINGS,
  AUGMENTATION_SETTINGS,
  helpOf,
  NETWORK_SETTINGS,
  SCHEDULE_SETTINGS,
  TRAINING_SETTINGS,
  type RunSetting,
} from './setting-fields'
import classes from './setting-groups.module.css'
import { Row, SettingRow } from './setting-row'
import type { ForecastState } from './use-forecasts'
import { useBackbones, useFreezePlan } from './use-models'

interface GroupsProps {
  summary: DatasetSummary
  isSplitting: boolean
  config: RunConfig
  /** What the preset has. */
  base: RunConfig
  /** Of this configuration. */
  forecast: ForecastState
  /** True while nothing may be measured. */
  isHeld: boolean
}

function Group(props: { title: string; children: ReactNode }) {
  return (
    <section className={classes.group} aria-label={props.title}>
      <h2>{props.title}</h2>
      {props.children}
    </section>
  )
}

function Fields(props: { settings: readonly RunSetting[]; config: RunConfig; base: RunConfig; children?: ReactNode }) {
  const { settings, config, base, children } = props
  return (
    <div className={classes.fields}>
      {settings.map((setting) => (
        <SettingRow
          key={setting.key}
          setting={setting}
          value={config[setting.key]}
          base={base[setting.key]}
          config={config}
          onChange={(value) => setSetting(setting.key, value)}
          onReset={() => resetSetting(setting.key)}
        />
      ))}
      {children}
    </div>
  )
}

function setAugmentation(now: Augmentation, key: keyof Augmentation, value: number): void {
  setSetting('augmentation', { ...now, [key]: value })
}

function setFreezing({ freeze, freeze_ratio }: Partial<Pick<RunConfig, 'freeze' | 'freeze_ratio'>>): void {
  if (freeze !== undefined) setSetting('freeze', freeze)
  if (freeze_ratio !== undefined) setSetting('freeze_ratio', freeze_ratio)
  // A ratio that means nothing any more is no change worth listing.
  if (freeze !== undefined && freeze !== 'ratio') resetSetting('freeze_ratio')
}

function resetFreezing(): void {
  resetSetting('freeze')
  resetSetting('freeze_ratio')
}

/** The stages of one network are not another's: a list of them goes. */
function chooseBackbone(name: string): void {
  setSetting('backbone', name)
  if (Array.isArray(useDraft.getState().changes.freeze)) setSetting('freeze', 'ratio')
}

export function SettingGroups(props: GroupsProps) {
  const { summary, isSplitting, config, base, forecast, isHeld } = props
  const cards = useBackbones()
  const plan = useFreezePlan({ backbone: config.backbone, head: config.head, freeze: config.freeze, freeze_ratio: config.freeze_ratio, classes: summary.classes.length, imageSize: config.image_size, batchSize: assumedBatchSize(config), optimizer: config.optimizer })
  const card = cards?.find((entry) => entry.name === config.backbone) ?? null
  const baseTitle = cards?.find((entry) => entry.name === base.backbone)?.title ?? base.backbone
  const resetFor = (key: 'backbone' | 'head' | 'weights', words: string) =>
    sameValue(config[key], base[key]) ? null : { words, onReset: () => resetSetting(key) }
  const isFreezingSame = sameValue(config.freeze, base.freeze) && sameValue(config.freeze_ratio, base.freeze_ratio)
  const freezeReset = isFreezingSame ? null : { words: `a ratio of ${base.freeze_ratio}`, onReset: resetFreezing }
  return (
    <>
      <Group title="Network">
        <Row isWide label="Backbone" help={helpOf('backbone').split(';')[0] ?? ''} reset={resetFor('backbone', baseTitle)}>
          <BackboneChoice cards={cards} config={config} onChoose={chooseBackbone} onRandomStart={() => setSetting('weights', 'none')} />
        </Row>
        <Weights value={config.weights} reset={resetFor('weights', base.weights)} />
        <Row isWide label="Freezing" help="The part of the network that keeps its weights; the rest learns" reset={freezeReset}>
          <FreezeEditor
            card={card}
            freezing={{ freeze: config.freeze, freeze_ratio: config.freeze_ratio }}
            plan={plan}
            classNames={summary.classes.length}
            epochs={config.epochs}
            forecast={forecast}
            isHeld={isHeld}
            onChange={setFreezing}
          />
        </Row>
        <Row isWide label="Head" help="What is put on the network for these classes; it always learns" reset={resetFor('head', base.head)}>
          <HeadChoice value={config.head} onChange={(head) => setSetting('head', head)} />
        </Row>
        <Fields settings={NETWORK_SETTINGS} config={config} base={base} />
      </Group>
      <Group title="Training">
        <Fields settings={TRAINING_SETTINGS} config={config} base={base} />
      </Group>
      <Group title="Schedule and stopping">
        <Fields settings={SCHEDULE_SETTINGS} config={config} base={base} />
      </Group>
      <Group title="Augmentation">
        <Fields settings={AUGMENT_SETTINGS} config={config} base={base}>
          {AUGMENTATION_SETTINGS.map((setting) => (
            <SettingRow
              key={setting.key}
              setting={setting}
              value={config.augmentation[setting.key]}
              base={base.augmentation[setting.key]}
              config={config}
              onChange={(value) => setAugmentation(config.augmentation, setting.key, value)}
              onReset={() => setAugmentation(config.augmentation, setting.key, base.augmentation[setting.key])}
            />
          ))}
        </Fields>
      </Group>
      <Group title="Split and seed">
        <div className={classes.split}>
          <div className={classes.counts}>
            <SplitBar counts={summary.split} isTall />
            <SplitKey counts={summary.split} />
            <p className="meta">
              {formatCount(summary.pictures)} pictures, of which {formatShare(summary.pictures === 0 ? null : summary.split.train / summary.pictures, 0)} are trained on.
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
      </Group>
    </>
  )
}

type Start = 'imagenet' | 'none' | 'file'

function startOf(weights: string): Start {
  if (/^imagenet(1k_v\d)?$/.test(weights)) return 'imagenet'
  return weights === 'none' ? 'none' : 'file'
}

function Weights(props: { value: string; reset: { words: string; onReset: () => void } | null }) {
  const { value, reset } = props
  const [isFile, setIsFile] = useState(startOf(value) === 'file')
  const shown: Start = isFile && startOf(value) === 'imagenet' ? 'file' : startOf(value)
  return (
    <Row isWide label="Weights" help={helpOf('weights')} reset={reset}>
      <div className={classes.weights}>
        <SegmentedControl
          aria-label="Weights"
          data={[
            { value: 'imagenet', label: 'ImageNet' },
            { value: 'none', label: 'None' },
            { value: 'file', label: 'A file' },
          ]}
          value={shown}
          onChange={(next) => {
            setIsFile(next === 'file')
            setSetting('weights', next === 'none' ? 'none' : 'imagenet')
          }}
        />
        {shown === 'file' && (
          <TextInput
            aria-label="Path of the weights file"
            placeholder="Path of a .pth or .safetensors file"
            className={classes.path ?? ''}
            defaultValue={startOf(value) === 'file' ? value : ''}
            spellCheck={false}
            onBlur={(event) => {
              const path = event.currentTarget.value.trim()
              setSetting('weights', path === '' ? 'imagenet' : path)
            }}
          />
        )}
      </div>
    </Row>
  )
}
