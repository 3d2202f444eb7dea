/** One card a format: what it is for, how its weights are kept, whether it resizes by itself, about how large it will be. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl } from '@mantine/core'
import { useId } from 'react'
import { EXPORT_FORMAT_CARDS, type ExportFormat } from '../../../shared/domain/export'
import { formatBytes } from '../../ui/format'
import { chooseFormat, estimatedBytes, FORMAT_ORDER, PRECISION_WORDS, useFormatChoices } from './format-choice'
import classes from './format-cards.module.css'

/** `parameters`: of the run's network; null until it is known. */
export function FormatCards(props: { parameters: number | null }) {
  return (
    <ul className={classes.cards}>
      {FORMAT_ORDER.map((format) => (
        <FormatCard key={format} format={format} parameters={props.parameters} />
      ))}
    </ul>
  )
}

function FormatCard({ format, parameters }: { format: ExportFormat; parameters: number | null }) {
  const { title, purpose, precisions, hasPreprocessingInside } = EXPORT_FORMAT_CARDS[format]
  const choice = useFormatChoices((choices) => choices[format])
  const id = useId()
  const choosePrecision = (value: string): void => {
    const precision = precisions.find((name) => name === value)
    if (precision !== undefined) chooseFormat(format, { precision, isChosen: true })
  }
  return (
    <li className={classes.card} data-chosen={choice.isChosen || undefined}>
      <label className={classes.choice}>
        <input
          type="checkbox"
          aria-label={title}
          aria-describedby={id}
          checked={choice.isChosen}
          onChange={(event) => chooseFormat(format, { isChosen: event.currentTarget.checked })}
        />
        <span>
          <span className="strong">{title}</span>
          <span id={id} className={classes.purpose}>
            {purpose}
          </span>
        </span>
      </label>
      <p className={classes.size} title={t`Of the model’s own files, from its number of parameters`}>
        {parameters === null ? '–' : t`about ${{ size: formatBytes(estimatedBytes(parameters, choice.precision)) }}`}
      </p>
      {precisions.length > 1 && (
        <div className={classes.options}>
          <SegmentedControl aria-label={t`Precision of ${title}`} data={[...precisions]} value={choice.precision} onChange={choosePrecision} />
          <p className={classes.words}>{PRECISION_WORDS[choice.precision]}</p>
        </div>
      )}
      {hasPreprocessingInside && (
        <label className={classes.inside}>
          <input
            type="checkbox"
            aria-label={t`Preprocessing inside ${title}`}
            aria-describedby={`${id}-inside`}
            checked={choice.hasPreprocessingInside}
            onChange={(event) => chooseFormat(format, { hasPreprocessingInside: event.currentTarget.checked, ...(event.currentTarget.checked ? { isChosen: true } : {}) })}
          />
          <span>
            <Trans>Preprocessing inside</Trans>
            <span className={classes.insideWords} id={`${id}-inside`}>
              <Trans>It resizes by itself and takes pictures of any size.</Trans>
            </span>
          </span>
        </label>
      )}
    </li>
  )
}
