/** Says that the chosen weights are not here, and how far their fetching is. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import type { BackboneCard, WeightsSource } from '../../../shared/domain/model'
import { askForWeights, cancelFetch, useWeights } from '../../state/weights'
import { formatBytes } from '../../ui/format'
import { ProgressLine } from '../../ui/progress-line'
import classes from './weights-note.module.css'
import { fetchWords } from './weights-words'

export function WeightsNote(props: { card: BackboneCard; source: WeightsSource; onRandomStart: () => void }) {
  const { card, source, onRandomStart } = props
  const fetch = useWeights((state) => state.fetch)
  if (fetch.kind === 'busy' && fetch.backbone === card.name) {
    const { progress } = fetch
    return (
      <div className={classes.note} data-busy>
        <p>
          <span className="strong">
            <Trans>Fetching the weights of {{ network: card.title }}.</Trans>
          </span>{' '}
          <Trans>They are checked before they are used.</Trans>
        </p>
        <ProgressLine label={t`Fetching weights`} share={progress === null ? null : progress.done / progress.total} isTall />
        <div className={classes.line}>
          <span className="meta" role="status">
            {fetchWords(fetch, performance.now())}
          </span>
          <Button variant="default" onClick={cancelFetch}>
            <Trans>Cancel</Trans>
          </Button>
        </div>
      </div>
    )
  }
  return (
    <div className={classes.note} role="note">
      <p>
        <span className="strong">
          <Trans>{{ network: card.title }} starts from ImageNet weights that are not on this machine.</Trans>
        </span>{' '}
        {source.url === null
          ? t`They come with set-up; run npm start once to have them.`
          : t`They can be fetched (${{ size: formatBytes(source.sizeBytes) }}); nothing goes out until you say so.`}
      </p>
      <div className={classes.buttons}>
        <Button onClick={() => askForWeights(card.name)}>
          <Trans>Get the weights</Trans>
        </Button>
        <Button variant="default" onClick={onRandomStart}>
          <Trans>Start from random weights instead</Trans>
        </Button>
      </div>
    </div>
  )
}
