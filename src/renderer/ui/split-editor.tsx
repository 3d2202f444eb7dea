/** Shares and seed of the split. Nothing is drawn again before "Apply". */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useState } from 'react'
import type { DatasetLayout, SplitCounts, SplitRatios } from '../../shared/domain/dataset'
import { NumberField } from './number-field'
import classes from './split-editor.module.css'

export interface SplitEditorProps {
  ratios: SplitRatios
  seed: number
  layout: DatasetLayout
  /** What the shares are in truth, where the folders give them. */
  counts: SplitCounts
  isBusy: boolean
  onApply: (ratios: SplitRatios, seed: number) => void
}

const percent = (share: number): number => Math.round(share * 1000) / 10

function sharesOf({ train, val, test }: SplitCounts): SplitRatios {
  const all = Math.max(1, train + val + test)
  return { train: train / all, val: val / all, test: test / all }
}

/** What is wrong with three per cent figures as a split, or null. */
export function splitProblem(train: number, val: number, test: number): string | null {
  const sum = Math.round((train + val + test) * 10) / 10
  if (sum !== 100) return t`The shares add up to ${sum} %; 100 % is needed.`
  if (train <= 0 || val <= 0) return t`Training and validation need a share each.`
  return null
}

export function SplitEditor(props: SplitEditorProps) {
  const { ratios, seed, layout } = props
  // A split that came back from the host starts the fields anew.
  return <Fields key={`${ratios.train} ${ratios.val} ${ratios.test} ${seed} ${layout}`} {...props} />
}

function Fields(props: SplitEditorProps) {
  const { seed, layout, counts, isBusy, onApply } = props
  const isGiven = layout === 'split-folders'
  const ratios = isGiven ? sharesOf(counts) : props.ratios
  const before = { train: percent(ratios.train), val: percent(ratios.val), test: percent(ratios.test), seed }
  const [draft, setDraft] = useState(before)
  const problem = splitProblem(draft.train, draft.val, draft.test)
  const isChanged = draft.train !== before.train || draft.val !== before.val || draft.test !== before.test || draft.seed !== seed
  const field = (key: 'train' | 'val' | 'test', label: string) => (
    <NumberField
      label={label}
      value={draft[key]}
      low={0}
      high={100}
      step={5}
      unit="%"
      isDisabled={isGiven}
      onChange={(value) => setDraft((now) => ({ ...now, [key]: value ?? 0 }))}
    />
  )
  return (
    <div>
      <div className={classes.fields}>
        {field('train', t`Train`)}
        {field('val', t`Validation`)}
        {field('test', t`Test`)}
        <NumberField
          label={t`Seed`}
          value={draft.seed}
          low={0}
          high={Number.MAX_SAFE_INTEGER}
          isWhole
          isDisabled={isGiven}
          onChange={(value) => setDraft((now) => ({ ...now, seed: value ?? 0 }))}
        />
      </div>
      <div className={classes.foot}>
        <p className="meta" data-problem={(!isGiven && problem !== null) || undefined} aria-live="polite">
          {isGiven ? t`The folders give the split, so it is taken as it is.` : (problem ?? t`Every class is split alike. The same seed draws the same split.`)}
        </p>
        <Button
          variant="default"
          loading={isBusy}
          disabled={isGiven || problem !== null || !isChanged}
          onClick={() => onApply({ train: draft.train / 100, val: draft.val / 100, test: draft.test / 100 }, draft.seed)}
        >
          <Trans>Apply</Trans>
        </Button>
      </div>
    </div>
  )
}
