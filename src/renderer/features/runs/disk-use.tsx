/** The disk that runs and caches use, with what can be cleared. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { isLive, type RunRecord } from '../../../shared/domain/run'
import type { StorageUsage } from '../../../shared/domain/system'
import { client } from '../../state/host'
import { report } from '../../state/machine'
import { formatBytes, formatCount } from '../../ui/format'
import classes from './runs-screen.module.css'

const bytesOfCaches = ({ pictureCacheBytes, featureCacheBytes }: StorageUsage): number => pictureCacheBytes + featureCacheBytes

export function DiskUse(props: { runs: readonly RunRecord[] | null }) {
  const { runs } = props
  const [usage, setUsage] = useState<StorageUsage | null>(null)
  const [freedBytes, setFreedBytes] = useState<number | null>(null)
  const [isClearing, setIsClearing] = useState(false)
  const live = runs?.some((run) => isLive(run.status)) ?? false
  const count = runs?.length ?? 0
  const cacheBytes = usage === null ? 0 : bytesOfCaches(usage)

  useEffect(() => {
    const controller = new AbortController()
    client()
      .system.storage(undefined, { signal: controller.signal })
      .then((answer) => !controller.signal.aborted && setUsage(answer))
      .catch((error: unknown) => !controller.signal.aborted && report(error))
    return () => controller.abort()
  }, [count, live])

  const clear = async (): Promise<void> => {
    setIsClearing(true)
    try {
      const before = cacheBytes
      const after = await client().system.clearCache()
      setUsage(after)
      setFreedBytes(Math.max(0, before - bytesOfCaches(after)))
    } catch (error) {
      report(error)
    } finally {
      setIsClearing(false)
    }
  }

  const figure = (bytes: number | undefined): string => (bytes === undefined ? '–' : formatBytes(bytes))
  return (
    <section className={classes.disk} aria-label={t`Disk use`}>
      <dl>
        <div>
          <dt>
            <Trans>Runs</Trans>
          </dt>
          <dd>
            {figure(usage?.runsBytes)}
            {usage !== null && usage.runs > 0 && <span className="meta"> {t`in ${{ count: formatCount(usage.runs) }}`}</span>}
          </dd>
        </div>
        <div>
          <dt>
            <Trans>Picture cache</Trans>
          </dt>
          <dd>{figure(usage?.pictureCacheBytes)}</dd>
        </div>
        <div>
          <dt>
            <Trans>Kept features</Trans>
          </dt>
          <dd>{figure(usage?.featureCacheBytes)}</dd>
        </div>
        <div>
          <dt>
            <Trans>Uploads</Trans>
          </dt>
          <dd>{figure(usage?.uploadsBytes)}</dd>
        </div>
        <div>
          <dt>
            <Trans context="of the disk">Free</Trans>
          </dt>
          <dd>{figure(usage?.freeBytes)}</dd>
        </div>
      </dl>
      <span className="meta" role="status">
        {freedBytes === null ? '' : t`${{ bytes: formatBytes(freedBytes) }} freed`}
      </span>
      <Button
        variant="default"
        loading={isClearing}
        disabled={cacheBytes === 0 || live}
        title={live ? t`A live run uses it` : t`Decoded pictures and features of frozen networks; the next run makes them again`}
        onClick={() => void clear()}
      >
        <Trans>Clear caches</Trans>
      </Button>
    </section>
  )
}
