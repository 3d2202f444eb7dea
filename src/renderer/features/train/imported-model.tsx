/** In place of curves that never were: what is known of a model that was trained elsewhere. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { hasHeldOutPictures, type RunRecord } from '../../../shared/domain/run'
import type { RunConfig } from '../../../shared/domain/run-config'
import { lastPart } from '../../state/import'
import { report } from '../../state/machine'
import { go } from '../../state/place'
import { useRun } from '../../state/run'
import { formatCount, formatDate } from '../../ui/format'
import { trainOnFrom } from '../runs/train-on'
import { TryButton } from '../try/try-pane'
import { RunFoot } from './run-foot'
import classes from './train-screen.module.css'

/** More names than these say no more at a glance. */
const MOST_CLASSES = 24

const HEAD_WORDS: Readonly<Record<RunConfig['head'], string>> = { linear: t`linear head`, mlp: t`mlp head`, deep: t`deep head` }

export function ImportedModel(props: { record: RunRecord; config: RunConfig | null }) {
  const { record, config } = props
  const notes = useRun((run) => run.view.log)
  const names = record.classes
  const shownNames = names.slice(0, MOST_CLASSES).join(', ')
  const date = formatDate(record.created_at)
  const epochs = record.epochs_done
  const measured = record.counts.test > 0 ? record.counts.test : record.counts.val
  return (
    <main className={classes.screen}>
      <header className={classes.header}>
        <h1>
          <Trans>Train</Trans>
        </h1>
        <span className={`${classes.name} ellipsis`} title={record.name}>
          {record.name}
        </span>
        <TryButton />
      </header>
      <div className={classes.imported}>
        <h2>
          <Trans>This model was trained elsewhere</Trans>
        </h2>
        <p>
          {config === null ? t`It was brought in on ${date}.` : t`It was brought in on ${date} from ${{ file: lastPart(config.weights) }}.`}{' '}
          {epochs > 0
            ? t`How it learned is not in its file, so there are no curves to show; the file says that it was trained for ${plural(epochs, { one: '# epoch', other: '# epochs' })}.`
            : t`How it learned is not in its file, so there are no curves to show.`}
        </p>
        <dl className={classes.importedFacts}>
          <dt>
            <Trans>Network</Trans>
          </dt>
          <dd>
            {record.backbone}
            {config !== null && `, ${HEAD_WORDS[config.head]}`}
          </dd>
          {config !== null && (
            <>
              <dt>
                <Trans>Pictures</Trans>
              </dt>
              <dd>{t`${{ size: config.image_size }} pixels wide and high`}</dd>
            </>
          )}
          <dt>
            <Trans>Classes</Trans>
          </dt>
          <dd>
            {names.length > MOST_CLASSES ? t`${shownNames} and ${{ count: formatCount(names.length - MOST_CLASSES) }} more` : shownNames}
          </dd>
          <dt>
            <Trans>Measured on</Trans>
          </dt>
          <dd>{hasHeldOutPictures(record) ? t`${plural(measured, { one: '# picture', other: '# pictures' })} of ${{ dataset: record.dataset_name }}` : t`nothing yet: no pictures came along`}</dd>
        </dl>
        {notes.length > 0 && (
          <ul className={classes.importedNotes} aria-label={t`What was found, assumed or passed over`}>
            {notes.map(({ message }, index) => (
              <li key={index}>{message}</li>
            ))}
          </ul>
        )}
        <div className={classes.actions}>
          <Button onClick={() => void trainOnFrom(record).catch(report)}>
            <Trans>Train on from this model</Trans>
          </Button>
          <Button variant="default" onClick={() => go('results')}>
            {hasHeldOutPictures(record) ? t`Results` : t`Measure it on pictures`}
          </Button>
          <Button variant="default" onClick={() => go('export')}>
            <Trans>Export</Trans>
          </Button>
        </div>
      </div>
      <RunFoot />
    </main>
  )
}
