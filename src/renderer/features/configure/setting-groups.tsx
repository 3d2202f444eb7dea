/** All settings, open, in five groups. */
import { SegmentedControl, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import type { Augmentation, RunConfig } from '../../../shared/domain/run-config'
import { splitDataset } from '../../state/dataset'
import { resetSetting, sameValue, setSetting } from '../../state/draft'
import { formatCount, formatShare } from '../../ui/format'
import { SplitBar, SplitKey } from '../../ui/split-bar'
import { SplitEditor } from '../../ui/split-editor'
import { BackboneChoice } from './backbone-choice'
import { FreezeEditor } from './freeze-editor'
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
import { useBackbones, useFreezePlan } from './use-models'

interface GroupsProps {
  summary: DatasetSummary
  isSplitting: boolean
  config: RunConfig
  /** What the preset has. */
  base: RunConfig
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

export function SettingGroups(props: GroupsProps) {
  const { summary, isSplitting, config, base } = props
  const cards = useBackbones()
  const plan = useFreezePlan({ backbone: config.backbone, head: config.head, freeze: config.freeze, freeze_ratio: config.freeze_ratio, classes: summary.classes.length, imageSize: config.image_size, batchSize: config.batch_size, optimizer: config.optimizer })
  const card = cards?.find((entry) => entry.name === config.backbone) ?? null
  const baseTitle = cards?.find((entry) => entry.name === base.backbone)?.title ?? base.backbone
  const resetFor = (key: 'backbone' | 'freeze_ratio' | 'weights', words: string) =>
    sameValue(config[key], base[key]) ? null : { words, onReset: () => resetSetting(key) }
  return (
    <>
      <Group title="Network">
        <Row isWide label="Backbone" help={helpOf('backbone').split(';')[0] ?? ''} reset={resetFor('backbone', baseTitle)}>
          <BackboneChoice cards={cards} config={config} onChoose={(name) => setSetting('backbone', name)} onRandomStart={() => setSetting('weights', 'none')} />
        </Row>
        <Weights value={config.weights} reset={resetFor('weights', base.weights)} />
        <Row isWide label="Freeze ratio" help={helpOf('freeze_ratio')} reset={resetFor('freeze_ratio', String(base.freeze_ratio))}>
          <FreezeEditor card={card} ratio={config.freeze_ratio} plan={plan} onChange={(ratio) => setSetting('freeze_ratio', ratio)} />
        </Row>
        <Fields settings={NETWORK_SETTINGS} config={config} base={base}>
          <Row label="Head" help={helpOf('head')} reset={null}>
            <span className={classes.only}>{config.head}</span>
          </Row>
        </Fields>
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
  return weights === 'imagenet' || weights === 'none' ? weights : 'file'
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
