/** In place of curves that never were: what is known of a model that was trained elsewhere. */
import { Button } from '@mantine/core'
import { hasHeldOutPictures, type RunRecord } from '../../../shared/domain/run'
import type { RunConfig } from '../../../shared/domain/run-config'
import { lastPart } from '../../state/import'
import { report } from '../../state/machine'
import { go } from '../../state/place'
import { useRun } from '../../state/run'
import { formatCount, formatDate, formatPlural } from '../../ui/format'
import { trainOnFrom } from '../runs/train-on'
import { TryButton } from '../try/try-pane'
import { RunFoot } from './run-foot'
import classes from './train-screen.module.css'

/** More names than these say no more at a glance. */
const MOST_CLASSES = 24

export function ImportedModel(props: { record: RunRecord; config: RunConfig | null }) {
  const { record, config } = props
  const notes = useRun((run) => run.view.log)
  const names = record.classes
  return (
    <main className={classes.screen}>
      <header className={classes.header}>
        <h1>Train</h1>
        <span className={`${classes.name} ellipsis`} title={record.name}>
          {record.name}
        </span>
        <TryButton />
      </header>
      <div className={classes.imported}>
        <h2>This model was trained elsewhere</h2>
        <p>
          It was brought in on {formatDate(record.created_at)}
          {config !== null && ` from ${lastPart(config.weights)}`}. How it learned is not in its file, so there are no curves to show
          {record.epochs_done > 0 && `; the file says that it was trained for ${formatPlural(record.epochs_done, 'epoch')}`}.
        </p>
        <dl className={classes.importedFacts}>
          <dt>Network</dt>
          <dd>
            {record.backbone}
            {config !== null && `, ${config.head} head`}
          </dd>
          {config !== null && (
            <>
              <dt>Pictures</dt>
              <dd>{config.image_size} pixels wide and high</dd>
            </>
          )}
          <dt>Classes</dt>
          <dd>
            {names.slice(0, MOST_CLASSES).join(', ')}
            {names.length > MOST_CLASSES && ` and ${formatCount(names.length - MOST_CLASSES)} more`}
          </dd>
          <dt>Measured on</dt>
          <dd>{hasHeldOutPictures(record) ? `${formatPlural(record.counts.test > 0 ? record.counts.test : record.counts.val, 'picture')} of ${record.dataset_name}` : 'nothing yet: no pictures came along'}</dd>
        </dl>
        {notes.length > 0 && (
          <ul className={classes.importedNotes} aria-label="What was found, assumed or passed over">
            {notes.map(({ message }, index) => (
              <li key={index}>{message}</li>
            ))}
          </ul>
        )}
        <div className={classes.actions}>
          <Button onClick={() => void trainOnFrom(record).catch(report)}>Train on from this model</Button>
          <Button variant="default" onClick={() => go('results')}>
            {hasHeldOutPictures(record) ? 'Results' : 'Measure it on pictures'}
          </Button>
          <Button variant="default" onClick={() => go('export')}>
            Export
          </Button>
        </div>
      </div>
      <RunFoot />
    </main>
  )
}
