/** The training pictures that the model finds most alike to a picture: what it may have taken its answer from. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { pictureUrl } from '../../../shared/contract/contract'
import type { Neighbour } from '../../../shared/domain/explanation'
import { classColor } from '../../ui/class-colors'
import { formatCount } from '../../ui/format'
import { PictureTile } from '../../ui/picture-tile'
import { ProgressLine } from '../../ui/progress-line'
import classes from './neighbours.module.css'
import type { ExplanationView } from './use-explanations'

const PLACES = 6

const MISSING = {
  'not asked': t`They have not been looked for.`,
  'no training pictures': t`This run has no training pictures to compare with.`,
  busy: t`Another run has the machine. The training pictures are looked at when it has ended; for one model that is needed once.`,
  unreadable: t`None of the training pictures can be read; their folder may have been moved.`,
} as const

/** `0.931` */
const formatSimilarity = (similarity: number): string => similarity.toFixed(3)

export function Neighbours(props: {
  runId: string
  classNames: readonly string[]
  view: ExplanationView
  opened: Neighbour | null
  onOpen: (neighbour: Neighbour) => void
  onRetry: () => void
}) {
  const { runId, classNames, view, opened, onOpen, onRetry } = props
  const { explanation, told, progress, isBusy } = view
  const neighbours = explanation?.neighbours ?? null
  const missing = isBusy ? null : (told?.neighboursMissing ?? null)
  const failed = explanation?.failure ?? null
  return (
    <section className={classes.strip} aria-labelledby="neighbours-title">
      <div className={classes.head}>
        <h3 id="neighbours-title">
          <Trans>Most alike in training</Trans>
        </h3>
        <span className="meta">{neighbours === null ? '' : t`1 is the same to the model`}</span>
      </div>
      {neighbours !== null ? (
        <ul className={classes.tiles}>
          {neighbours.map((neighbour) => {
            const name = classNames[neighbour.classIndex] ?? ''
            return (
              <li key={neighbour.path}>
                <button
                  type="button"
                  className={classes.tile}
                  aria-pressed={opened?.path === neighbour.path}
                  aria-label={t`${name}, alike ${{ similarity: formatSimilarity(neighbour.similarity) }}: ${{ path: neighbour.path }}`}
                  onClick={() => onOpen(neighbour)}
                >
                  <span className={classes.image}>
                    <PictureTile url={pictureUrl({ runId }, neighbour.path, 192)} alt="" />
                  </span>
                  <span className={classes.name}>
                    <span className={classes.dot} style={{ background: classColor(neighbour.classIndex) }} aria-hidden />
                    <span className="ellipsis" title={name}>
                      {name}
                    </span>
                  </span>
                  <span className="meta">{formatSimilarity(neighbour.similarity)}</span>
                </button>
              </li>
            )
          })}
        </ul>
      ) : view.failure !== null ? (
        <div className={classes.words}>
          <p>{view.failure.message}</p>
          {view.failure.action !== undefined && <p className="meta">{view.failure.action}</p>}
          <Button variant="default" onClick={onRetry}>
            <Trans>Try again</Trans>
          </Button>
        </div>
      ) : missing !== null || failed !== null ? (
        <div className={classes.words}>
          <p>{failed === null ? missing !== null && MISSING[missing] : `${t`The picture cannot be read.`} ${failed.message}`}</p>
          {(failed !== null || missing === 'busy') && (
            <Button variant="default" onClick={onRetry}>
              <Trans>Look again</Trans>
            </Button>
          )}
        </div>
      ) : (
        <div className={classes.busy}>
          <ul className={classes.tiles} aria-hidden>
            {Array.from({ length: PLACES }, (_, i) => (
              <li key={i}>
                <span className={classes.image} />
              </li>
            ))}
          </ul>
          <ProgressLine label={t`Looking for training pictures that are alike`} share={progress === null || progress.total === 0 ? null : progress.done / progress.total} />
          <p className="meta" role="status">
            {progress === null ? t`Opening the model` : `${progress.message}${progress.total > 1 ? ` · ${t`${{ done: formatCount(progress.done) }} of ${{ total: formatCount(progress.total) }}`}` : ''}`}
          </p>
        </div>
      )}
    </section>
  )
}
