/** The networks to choose from, and where the chosen one's weights come from. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl } from '@mantine/core'
import { IconCheck, IconDownload } from '@tabler/icons-react'
import { type BackboneCard, chosenWeights } from '../../../shared/domain/model'
import type { RunConfig } from '../../../shared/domain/run-config'
import { setSetting } from '../../state/draft'
import { ChoiceCard, ChoiceCards } from '../../ui/choice-cards'
import { formatBytes, formatShare, formatShort } from '../../ui/format'
import classes from './backbone-choice.module.css'
import { WeightsDialog } from './weights-dialog'
import { WeightsNote } from './weights-note'
import { accuracyWords, generationLabel, weightsSetting } from './weights-words'

export function BackboneChoice(props: { cards: readonly BackboneCard[] | null; config: RunConfig; onChoose: (name: string) => void; onRandomStart: () => void }) {
  const { cards, config, onChoose, onRandomStart } = props
  const chosen = cards?.find((card) => card.name === config.backbone)
  const choose = (card: BackboneCard): void => {
    // Not every network has both generations.
    const source = chosenWeights(card, config.weights)
    if (config.weights.startsWith('imagenet')) setSetting('weights', source === null ? 'imagenet' : weightsSetting(source))
    onChoose(card.name)
  }
  return (
    <div>
      <ChoiceCards label={t`Backbone`} className={classes.cards}>
        {cards?.map((card) => (
          <ChoiceCard
            key={card.name}
            group="backbone"
            value={card.name}
            label={card.title}
            isChosen={card.name === config.backbone}
            onChoose={() => choose(card)}
            title={`${card.description} ${card.paper}`}
          >
            <span className="strong">{card.title}</span>
            <span className={classes.figures}>
              {formatShort(card.parameters)} · <Trans>{{ count: formatShort(card.macs) }} MACs</Trans>
            </span>
            <CardWeights card={card} />
          </ChoiceCard>
        ))}
      </ChoiceCards>
      {chosen !== undefined && <Chosen card={chosen} config={config} onRandomStart={onRandomStart} />}
      <WeightsDialog cards={cards ?? []} config={config} onRandomStart={onRandomStart} />
    </div>
  )
}

function CardWeights({ card }: { card: BackboneCard }) {
  const newest = card.weights.at(-1)
  const isHere = card.weights.some(({ isPresent }) => isPresent)
  return (
    <span className={classes.weights} data-present={isHere || undefined}>
      {isHere ? <IconCheck size={13} aria-hidden /> : <IconDownload size={13} aria-hidden />}
      {isHere ? t`Weights are here` : t`${{ size: formatBytes(newest?.sizeBytes ?? 0) }} to fetch`}
    </span>
  )
}

/** What the chosen network is, and its weights: which generation, and whether they are here. */
function Chosen({ card, config, onRandomStart }: { card: BackboneCard; config: RunConfig; onRandomStart: () => void }) {
  const wanted = chosenWeights(card, config.weights)
  return (
    <div className={classes.chosen}>
      <p className={classes.words}>{card.description}</p>
      {wanted !== null && card.weights.length > 1 && (
        <div className={classes.generation}>
          <SegmentedControl
            aria-label={t`Generation of the weights`}
            data={card.weights.map((source) => ({ value: source.name, label: `${generationLabel(source.name)} · ${formatShare(source.top1)}` }))}
            value={wanted.name}
            onChange={(name) => {
              const source = card.weights.find((one) => one.name === name)
              if (source !== undefined) setSetting('weights', weightsSetting(source))
            }}
          />
          <span className="meta">
            <Trans>Generations of published weights, with the share of ImageNet they name right</Trans>
          </span>
        </div>
      )}
      {wanted?.isPresent === true && (
        <p className={`meta ${classes.here}`} title={wanted.path}>
          <IconCheck size={14} aria-hidden />
          {[t`ImageNet weights are on this machine`, card.weights.length > 1 ? null : accuracyWords(wanted), wanted.licence].filter((part) => part !== null).join(' · ')}
        </p>
      )}
      {wanted !== null && !wanted.isPresent && <WeightsNote card={card} source={wanted} onRandomStart={onRandomStart} />}
    </div>
  )
}
