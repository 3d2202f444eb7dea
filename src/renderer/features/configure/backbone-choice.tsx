/** The networks to choose from, and what to do where a network's weights are not on this machine. */
import { Button } from '@mantine/core'
import { type BackboneCard, chosenWeights } from '../../../shared/domain/model'
import type { RunConfig } from '../../../shared/domain/run-config'
import { ChoiceCard, ChoiceCards } from '../../ui/choice-cards'
import { formatShort } from '../../ui/format'
import classes from './backbone-choice.module.css'

const hasWeights = (card: BackboneCard) => card.weights.some(({ isPresent }) => isPresent)

export function BackboneChoice(props: { cards: readonly BackboneCard[] | null; config: RunConfig; onChoose: (name: string) => void; onRandomStart: () => void }) {
  const { cards, config, onChoose, onRandomStart } = props
  const chosen = cards?.find((card) => card.name === config.backbone)
  const wanted = chosen === undefined ? null : chosenWeights(chosen, config.weights)
  return (
    <div>
      <ChoiceCards label="Backbone" className={classes.cards}>
        {cards?.map((card) => (
          <ChoiceCard
            key={card.name}
            group="backbone"
            value={card.name}
            label={card.title}
            isChosen={card.name === config.backbone}
            onChoose={() => onChoose(card.name)}
            title={card.paper}
          >
            <span className="strong">{card.title}</span>
            <span className={classes.figures}>
              <span>{formatShort(card.parameters)} parameters</span> <span>{formatShort(card.macs)} MACs</span>
            </span>
            <span className={classes.words}>{card.description}</span>
            <span className={classes.weights} data-present={hasWeights(card) || undefined}>
              {hasWeights(card) ? 'Weights are on this machine' : 'Weights are not here yet'}
            </span>
          </ChoiceCard>
        ))}
      </ChoiceCards>
      {chosen !== undefined && wanted !== null && !wanted.isPresent && (
        <div className={classes.missing} role="note">
          <p>
            <span className="strong">{chosen.title} needs its ImageNet weights.</span> Put the file <span className="mono">{wanted.fileName}</span> here, then come
            back to this window:
          </p>
          <p className={`mono ${classes.path}`}>{wanted.path}</p>
          {wanted.url !== null && (
            <p className="meta">
              Published at <span className="mono">{wanted.url}</span> under {wanted.licence}.
            </p>
          )}
          <Button variant="default" onClick={onRandomStart}>
            Start from random weights instead
          </Button>
        </div>
      )}
    </div>
  )
}
