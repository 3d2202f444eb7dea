/** The settings of one stage. What it leaves out shows the run's value. */
import { t } from '@lingui/core/macro'
import { Select, TextInput } from '@mantine/core'
import { useId } from 'react'
import type { BackboneCard, FreezePlan } from '../../../shared/domain/model'
import { OPTIMIZER_CARRIES, type PlannedStage, type Stage, STAGE_STARTS, stageSchema } from '../../../shared/domain/stages'
import { setStages } from '../../state/draft'
import { FreezeEditor } from './freeze-editor'
import { helpOf, valueWords } from './setting-fields'
import type { SettingForm } from './setting-form'
import { Row, type RowSource, SettingRow } from './setting-row'
import { CARRY_WORDS, ownKeys, STAGE_FIELDS, type StageField, stageName, START_WORDS, withFreezing, withValue } from './stage-edits'
import classes from './stages-editor.module.css'

const runsWords = (setting: StageField, value: unknown): string => (value === null ? t`the run's value` : t`the run's ${{ value: valueWords(setting, value) }}`)

interface StageFieldsProps {
  index: number
  stage: Stage
  stages: readonly Stage[]
  planned: PlannedStage
  frozen: FreezePlan | null
  form: SettingForm
  card: BackboneCard | null
  classNames: number
}

export function StageFields({ index, stage, stages, planned, frozen, form, card, classNames }: StageFieldsProps) {
  const own = ownKeys(stage)
  const path = (key: string): string => `stages.${index + 1}.${key}`
  const sourceOf = (key: string): RowSource => (own.has(key) ? (form.sourceOf(path(key)) === 'preset' ? 'preset' : 'changed') : 'inherited')
  const freezeProblem = form.problemAt(path('freeze')) ?? form.problemAt(path('freeze_ratio'))
  const nameId = useId()
  const isFirst = index === 0
  return (
    <div className={classes.fields}>
      <div className={classes.grid}>
        <Row label={t`Name`} help={helpOf('stages.*.name')} helpId={nameId} reset={null}>
          <TextInput
            key={stage.name}
            aria-label={t`Name of stage ${{ number: index + 1 }}`}
            aria-describedby={nameId}
            defaultValue={stage.name ?? ''}
            placeholder={t`Stage ${{ number: index + 1 }}`}
            maxLength={60}
            autoComplete="off"
            onBlur={(event) => stageName(event.currentTarget.value) !== stage.name && setStages(withValue(stages, index, 'name', stageName(event.currentTarget.value)))}
            onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
          />
        </Row>
        <Choice
          label={t`Begins with`}
          fullLabel={t`Begins with of ${{ stage: planned.name }}`}
          help={helpOf('stages.*.start_from')}
          idle={isFirst ? t`Nothing is trained before the first stage` : null}
          value={stage.start_from}
          options={STAGE_STARTS.map((value) => ({ value, label: START_WORDS[value] }))}
          onChange={(value) => setStages(withValue(stages, index, 'start_from', stageSchema.shape.start_from.parse(value)))}
        />
        <Choice
          label={t`Optimizer's averages`}
          fullLabel={t`Optimizer's averages of ${{ stage: planned.name }}`}
          help={helpOf('stages.*.optimizer_state')}
          idle={isFirst ? t`Nothing is trained before the first stage` : null}
          value={stage.optimizer_state}
          options={OPTIMIZER_CARRIES.map((value) => ({ value, label: CARRY_WORDS[value] }))}
          onChange={(value) => setStages(withValue(stages, index, 'optimizer_state', stageSchema.shape.optimizer_state.parse(value)))}
        />
      </div>
      <Row
        isWide
        label={t`Freezing`}
        help={t`The part of the network that keeps its weights in this stage; the rest learns`}
        source={own.has('freeze') || own.has('freeze_ratio') ? sourceOf(own.has('freeze') ? 'freeze' : 'freeze_ratio') : 'inherited'}
        problem={freezeProblem}
        reset={own.has('freeze') || own.has('freeze_ratio') ? { words: t`the run's`, onReset: () => setStages(withFreezing(stages, index, undefined)) } : null}
      >
        <FreezeEditor card={card} freezing={planned} plan={frozen} classNames={classNames} onChange={(freezing) => setStages(withFreezing(stages, index, { freeze: planned.freeze, ...freezing }))} />
      </Row>
      <div className={classes.grid}>
        {STAGE_FIELDS.map((setting) => (
          <SettingRow
            key={setting.key}
            setting={setting}
            value={planned[setting.key]}
            base={own.has(setting.key) ? { value: form.config[setting.key], words: runsWords(setting, form.config[setting.key]) } : null}
            // The setting has an effect here by what this stage has.
            config={{ ...form.config, ...planned, epochs: stage.epochs, stages: [] }}
            source={sourceOf(setting.key)}
            problem={form.problemAt(path(setting.key))}
            onChange={(value) => setStages(withValue(stages, index, setting.key, value))}
            onReset={() => setStages(withValue(stages, index, setting.key, undefined))}
          />
        ))}
      </div>
    </div>
  )
}

interface ChoiceProps {
  label: string
  /** With its stage, for who cannot see where it stands. */
  fullLabel: string
  help: string
  idle: string | null
  value: string
  options: readonly { value: string; label: string }[]
  onChange: (value: string) => void
}

function Choice({ label, fullLabel, help, idle, value, options, onChange }: ChoiceProps) {
  const helpId = useId()
  return (
    <Row label={label} help={help} helpId={helpId} idle={idle} reset={null}>
      <Select aria-label={fullLabel} aria-describedby={helpId} data={[...options]} value={value} allowDeselect={false} disabled={idle !== null} onChange={(next) => next !== null && onChange(next)} />
    </Row>
  )
}
