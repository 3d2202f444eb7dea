/** One tried picture large, and what the model says of it. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Switch } from '@mantine/core'
import { IconArrowsExchange, IconCircleDashed, IconHelpCircle, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import type { AnsweringModelCard, PictureAnswer } from '../../../shared/domain/answer'
import { heatmapPlace } from '../../../shared/domain/heatmap'
import { classColor } from '../../ui/class-colors'
import { FailurePanel } from '../../ui/failure-panel'
import { formatShare } from '../../ui/format'
import { HeatmapOverlay, HeatmapScale } from '../../ui/heatmap-overlay'
import { Preview } from './tried-strip'
import classes from './tried-answer.module.css'
import { removePicture, type TriedPicture, useTry } from './try-state'
import { answerWords, shortAnswer } from './try-words'
import { useTriedHeatmap } from './use-tried-heatmap'

const MOST_BARS = 6
const HEATMAP_OPACITY = 0.6

export function TriedAnswer(props: { picture: TriedPicture; model: AnsweringModelCard | null; waiting: string; isSmall: boolean }) {
  const { picture, model, waiting, isSmall } = props
  const { answer, failure, before } = picture
  const runId = useTry((state) => state.runId)
  const [isHeatmapWanted, setIsHeatmapWanted] = useState(false)
  const { map, isBusy } = useTriedHeatmap(runId, picture, isHeatmapWanted)
  const likeliest = answer === null ? '' : (model?.classes[answer.top] ?? '')
  return (
    <section aria-label={t`Answer`}>
      <div className={classes.stage} data-small={isSmall || undefined}>
        {map === null ? (
          <Preview url={picture.previewUrl} alt={failure === null ? picture.name : ''} />
        ) : (
          <HeatmapOverlay url={picture.previewUrl} alt={`${picture.name}; ${placeWords(heatmapPlace(map), likeliest)}`} map={map} opacity={HEATMAP_OPACITY} />
        )}
      </div>
      <div className={classes.nameLine}>
        <span className="meta ellipsis" title={picture.name}>
          {picture.name}
        </span>
        <ActionIcon size={24} aria-label={t`Take ${{ name: picture.name }} away`} onClick={() => removePicture(picture.id)}>
          <IconTrash size={14} aria-hidden />
        </ActionIcon>
      </div>
      {failure !== null ? (
        <FailurePanel title={t`This picture cannot be tried`} failure={failure} />
      ) : answer === null || model === null ? (
        <p className={classes.waiting} role="status">
          {waiting}
        </p>
      ) : (
        <div className={classes.answer} data-verdict={answer.verdict}>
          <Verdict picture={picture} model={model} />
          {before !== null && (
            <p className={classes.before}>
              <IconArrowsExchange size={14} aria-hidden />
              <Trans>
                At epoch {{ epoch: before.epoch }}: {{ answer: beforeWords(before.answer, model.classes) }}
              </Trans>
            </p>
          )}
          <div className={classes.look}>
            <Switch label={t`Where it looked`} checked={isHeatmapWanted} onChange={({ currentTarget }) => setIsHeatmapWanted(currentTarget.checked)} />
            {isHeatmapWanted && (
              <p className={classes.looked}>
                <span className="meta">{isBusy && map === null ? t`Looking` : map === null ? t`This model cannot tell.` : map.isSpokenFor ? t`What speaks for ${likeliest}` : t`Nothing speaks for ${likeliest}`}</span>
                {map !== null && <HeatmapScale />}
              </p>
            )}
          </div>
          <Bars probabilities={answer.probabilities} classNames={model.classes} isQuiet={answer.verdict === 'none'} />
        </div>
      )}
    </section>
  )
}

const placeWords = (place: string | null, name: string) => (place === null ? t`nothing in it speaks for ${name}` : t`for ${name} the model looked mostly at the ${place}`)

const beforeWords = (answer: PictureAnswer, classNames: readonly string[]) =>
  answer.verdict === 'none' ? shortAnswer(answer, classNames) : `${shortAnswer(answer, classNames)}, ${formatShare(answer.probabilities[answer.top])}`

function Verdict({ picture, model }: { picture: TriedPicture; model: AnsweringModelCard }) {
  const { answer } = picture
  if (answer === null) return null
  const { title, reason } = answerWords(answer, model)
  return (
    <div>
      <p className={classes.verdict}>
        {answer.verdict === 'class' ? (
          <span className={classes.swatch} style={{ background: classColor(answer.top) }} aria-hidden />
        ) : answer.verdict === 'none' ? (
          <IconCircleDashed size={20} className={classes.mark} aria-hidden />
        ) : (
          <IconHelpCircle size={20} className={classes.mark} aria-hidden />
        )}
        <span className={classes.title} title={title}>
          {title}
        </span>
        {answer.verdict !== 'none' && <span className={classes.sure}>{formatShare(answer.probabilities[answer.top])}</span>}
      </p>
      {reason !== '' && <p className={classes.reason}>{reason}</p>}
    </div>
  )
}

function Bars({ probabilities, classNames, isQuiet }: { probabilities: readonly number[]; classNames: readonly string[]; isQuiet: boolean }) {
  const ranked = probabilities.map((probability, classIndex) => ({ probability, classIndex })).sort((a, b) => b.probability - a.probability)
  const shown = ranked.slice(0, MOST_BARS)
  const left = ranked.length - shown.length
  return (
    <>
      <ul className={classes.bars} data-quiet={isQuiet || undefined} aria-label={isQuiet ? t`Confidence, if it had to be one of the classes` : t`Confidence`}>
        {shown.map(({ probability, classIndex }) => (
          <li key={classIndex}>
            <span className="ellipsis" title={classNames[classIndex]}>
              {classNames[classIndex]}
            </span>
            <span className={classes.share}>{formatShare(probability)}</span>
            <span className={classes.bar} aria-hidden>
              <span style={{ width: `${probability * 100}%`, background: classColor(classIndex) }} />
            </span>
          </li>
        ))}
      </ul>
      {left > 0 && <p className="meta">{plural(left, { one: '# class more have less', other: '# classes more have less' })}</p>}
    </>
  )
}
