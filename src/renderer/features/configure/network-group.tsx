/** The network, its weights, what of it is frozen, and its head. */
import { t } from '@lingui/core/macro'
import { SegmentedControl, TextInput } from '@mantine/core'
import { useState } from 'react'
import { sameValue, setSetting, resetSetting, useDraft, withoutLayerNames } from '../../state/draft'
import type { BackboneCard, FreezePlan } from '../../../shared/domain/model'
import { totalEpochs } from '../../../shared/domain/stages'
import type { RunConfig } from '../../../shared/domain/run-config'
import { formatSmall } from '../../ui/format'
import { BackboneChoice } from './backbone-choice'
import { FreezeEditor } from './freeze-editor'
import { HeadChoice } from './head-choice'
import { helpOf } from './setting-fields'
import { openWords, ownFreezing, type SettingForm } from './setting-form'
import classes from './setting-groups.module.css'
import { Row } from './setting-row'
import type { ForecastState } from './use-forecasts'

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

function chooseBackbone(name: string): void {
  useDraft.setState(({ changes }) => ({ changes: withoutLayerNames(changes) }))
  setSetting('backbone', name)
}

function freezeWords({ freeze, freeze_ratio }: RunConfig): string {
  if (freeze === 'ratio') return t`a ratio of ${{ ratio: formatSmall(freeze_ratio) }}`
  if (typeof freeze !== 'string') return t`chosen stages`
  return { stage: t`by stage`, all: t`all`, none: t`none` }[freeze]
}

interface NetworkGroupProps {
  form: SettingForm
  cards: readonly BackboneCard[] | null
  /** Of the run's own freezing. */
  plan: FreezePlan | null
  classNames: number
  forecast: ForecastState
  isHeld: boolean
}

export function NetworkGroup({ form, cards, plan, classNames, forecast, isHeld }: NetworkGroupProps) {
  const { config, base, sourceOf, problemAt } = form
  const card = cards?.find((entry) => entry.name === config.backbone) ?? null
  const baseTitle = cards?.find((entry) => entry.name === base.backbone)?.title ?? base.backbone
  const resetFor = (key: 'backbone' | 'head' | 'weights', words: string) => (sameValue(config[key], base[key]) ? null : { words, onReset: () => resetSetting(key) })
  const isFreezingSame = sameValue(config.freeze, base.freeze) && sameValue(config.freeze_ratio, base.freeze_ratio)
  const own = ownFreezing(config)
  return (
    <>
      <Row isWide label={t`Backbone`} help={helpOf('backbone').split(';')[0] ?? ''} source={sourceOf('backbone')} problem={problemAt('backbone')} reset={resetFor('backbone', baseTitle)}>
        <BackboneChoice cards={cards} config={config} onChoose={chooseBackbone} onRandomStart={() => setSetting('weights', 'none')} />
      </Row>
      <Weights value={config.weights} form={form} reset={resetFor('weights', base.weights)} />
      <Row
        isWide
        label={t`Freezing`}
        help={own === null ? t`The part of the network that keeps its weights; the rest learns` : own.words}
        source={sourceOf('freeze') === 'default' ? sourceOf('freeze_ratio') : sourceOf('freeze')}
        problem={problemAt('freeze') ?? problemAt('freeze_ratio')}
        reset={isFreezingSame ? null : { words: freezeWords(base), onReset: resetFreezing }}
      >
        {own?.isAll === true ? null : (
          <FreezeEditor
            card={card}
            freezing={config}
            plan={plan}
            classNames={classNames}
            {...(config.stages.length === 0 ? { cost: { epochs: totalEpochs(config), forecast, isHeld } } : {})}
            onChange={setFreezing}
          />
        )}
      </Row>
      <Row isWide label={t`Head`} help={t`What is put on the network for these classes; it always learns`} source={sourceOf('head')} reset={resetFor('head', base.head)}>
        <HeadChoice value={config.head} onChange={(head) => setSetting('head', head)} />
      </Row>
    </>
  )
}

type Start = 'imagenet' | 'none' | 'file'

function startOf(weights: string): Start {
  if (/^imagenet(1k_v\d)?$/.test(weights)) return 'imagenet'
  return weights === 'none' ? 'none' : 'file'
}

function Weights({ value, form, reset }: { value: string; form: SettingForm; reset: { words: string; onReset: () => void } | null }) {
  const [isFile, setIsFile] = useState(startOf(value) === 'file')
  const shown: Start = isFile && startOf(value) === 'imagenet' ? 'file' : startOf(value)
  return (
    <Row isWide label={t`Weights`} help={helpOf('weights')} source={form.sourceOf('weights')} note={openWords(form, 'weights')} problem={form.problemAt('weights')} reset={reset}>
      <div className={classes.weights}>
        <SegmentedControl
          aria-label={t`Weights`}
          data={[
            { value: 'imagenet', label: 'ImageNet' },
            { value: 'none', label: t`None` },
            { value: 'file', label: t`A file` },
          ]}
          value={shown}
          onChange={(next) => {
            setIsFile(next === 'file')
            setSetting('weights', next === 'none' ? 'none' : 'imagenet')
          }}
        />
        {shown === 'file' && (
          <TextInput
            aria-label={t`Path of the weights file`}
            placeholder={t`Path of a .pth or .safetensors file`}
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
