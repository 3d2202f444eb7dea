/** Nothing open yet: where to drop a folder, and what it should look like. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { PICTURE_FORMAT_NAMES } from '../../../shared/domain/dataset'
import { classColor } from '../../ui/class-colors'
import classes from './empty-dataset.module.css'
import { RecentDatasets, SourceButtons } from './sources'

const EXAMPLE = [
  { name: 'healthy', pictures: 7 },
  { name: 'spotted', pictures: 5 },
  { name: 'wilted', pictures: 6 },
]

export function EmptyDataset() {
  return (
    <main className={`screen ${classes.screen}`}>
      <div className={classes.zone}>
        <div className={classes.words}>
          <h1>
            <Trans>Drop a folder of pictures here</Trans>
          </h1>
          <p className={classes.lead}>
            <Trans>Graft learns to tell its classes apart. One folder a class is enough; train, val and test folders are taken as they are.</Trans>
          </p>
          <SourceButtons />
          <p className="meta">
            <Trans>{{ formats: PICTURE_FORMAT_NAMES }}. Your pictures are read, never changed.</Trans>
          </p>
        </div>
        <div className={classes.example} role="img" aria-label={t`Example: a folder named leaves with the folders healthy, spotted and wilted, each full of pictures`}>
          <p className="mono">leaves</p>
          {EXAMPLE.map((folder, index) => (
            <div key={folder.name} className={classes.folder}>
              <span className={classes.branch} />
              <span className="mono">{folder.name}</span>
              <span className={classes.tiles}>
                {Array.from({ length: folder.pictures }, (_, tile) => (
                  <span key={tile} className={classes.tile} style={{ background: classColor([2, 1, 6][index] ?? 0), opacity: 0.34 + ((tile * 5 + index * 3) % 7) * 0.08 }} />
                ))}
              </span>
            </div>
          ))}
        </div>
      </div>
      <RecentDatasets />
    </main>
  )
}
