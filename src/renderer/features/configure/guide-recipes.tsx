/** The recipes of widely used guides, one line each, behind a word: what they train, and whether their weights are here. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { IconCheck, IconChevronRight, IconDownload } from '@tabler/icons-react'
import { useId, useState } from 'react'
import { type BackboneCard, chosenWeights } from '../../../shared/domain/model'
import { GUIDE_PRESETS, type PresetName } from '../../../shared/domain/presets'
import { presetConfig } from '../../state/draft'
import { epochCount } from '../../ui/counts'
import { formatBytes } from '../../ui/format'
import classes from './guide-recipes.module.css'

type GuidePreset = (typeof GUIDE_PRESETS)[number]

export const RECIPE_WORDS: Readonly<Record<GuidePreset, string>> = {
  'guide-a': t`The whole network, deep head, many changes`,
  'guide-a-fast': t`The same in a third of the epochs`,
  'guide-a-high': t`The same with a deeper network, for longer`,
  'guide-b': t`Only the head; a fifth validates, no test`,
  'guide-c': t`Head, late layers, all: in three stages`,
  'guide-d': t`The last third and the head`,
  'guide-e': t`A small network, its last third`,
  'guide-e-fast': t`The same in one epoch, as a trial`,
  'guide-e-high': t`A larger network, small batches and steps`,
}

interface GuideRecipesProps {
  chosen: PresetName
  cards: readonly BackboneCard[] | null
  onChoose: (preset: PresetName) => void
}

export function GuideRecipes({ chosen, cards, onChoose }: GuideRecipesProps) {
  const isGuide = GUIDE_PRESETS.some((name) => name === chosen)
  const [isOpen, setIsOpen] = useState(isGuide)
  const id = useId()
  return (
    <section className={classes.recipes} aria-label={t`More recipes`}>
      <button type="button" className={classes.toggle} aria-expanded={isOpen} aria-controls={id} onClick={() => setIsOpen(!isOpen)}>
        <IconChevronRight size={14} aria-hidden className={classes.chevron} />
        <Trans>More recipes</Trans>
        <span className="meta">{isGuide && !isOpen ? chosen : t`${{ count: GUIDE_PRESETS.length }} from widely used guides`}</span>
      </button>
      <div id={id} hidden={!isOpen} role="radiogroup" aria-label={t`More recipes`}>
        {isOpen && GUIDE_PRESETS.map((preset) => <Recipe key={preset} preset={preset} isChosen={preset === chosen} cards={cards} onChoose={() => onChoose(preset)} />)}
      </div>
    </section>
  )
}

function Recipe({ preset, isChosen, cards, onChoose }: { preset: GuidePreset; isChosen: boolean; cards: readonly BackboneCard[] | null; onChoose: () => void }) {
  const config = presetConfig(preset)
  const card = cards?.find(({ name }) => name === config.backbone)
  const weights = card === undefined ? null : chosenWeights(card, config.weights)
  const id = `recipe-${preset}`
  return (
    <label className={classes.recipe} data-chosen={isChosen || undefined}>
      <input type="radio" name="preset" value={preset} aria-label={preset} aria-describedby={id} checked={isChosen} onChange={onChoose} />
      <span className={classes.name}>{preset}</span>
      <span className={classes.body} id={id}>
        <span className={`${classes.words} ellipsis`} title={RECIPE_WORDS[preset]}>
          {RECIPE_WORDS[preset]}
        </span>
        <span className={classes.figures}>
          {card?.title ?? config.backbone} · {epochCount(config.epochs)}
        </span>
        <span className={classes.weights} data-present={weights?.isPresent === true || undefined}>
          {weights !== null && (weights.isPresent ? <IconCheck size={13} aria-hidden /> : <IconDownload size={13} aria-hidden />)}
          {weights === null ? '' : weights.isPresent ? t`Weights are here` : t`${{ size: formatBytes(weights.sizeBytes) }} to fetch`}
        </span>
      </span>
    </label>
  )
}
