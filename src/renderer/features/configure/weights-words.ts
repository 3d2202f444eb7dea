/** How published weights and their fetching are put into words. */
import { t } from '@lingui/core/macro'
import type { WeightsFile, WeightsSource } from '../../../shared/domain/model'
import type { WeightsFetch } from '../../state/weights'
import { formatBytes, formatShare } from '../../ui/format'
import { uploadSpeed } from '../dataset/upload-speed'

/** `imagenet1k_v2` is V2. */
export function generationLabel(name: string): string {
  return /_v(\d+)$/.exec(name)?.[0].slice(1).toUpperCase() ?? name
}

/** What a configuration calls it: the newest generation is `imagenet`, as presets have it. */
export function weightsSetting({ name, isDefault }: Pick<WeightsSource, 'name' | 'isDefault'>): string {
  return isDefault ? 'imagenet' : name
}

/** `80.9 % of ImageNet right at the first guess`; null where the publisher does not say. */
export function accuracyWords({ top1 }: Pick<WeightsSource, 'top1'>): string | null {
  return top1 === null ? null : t`${{ share: formatShare(top1) }} top-1 on ImageNet`
}

/** What is still to be fetched. */
export function missingBytes({ sizeBytes, partBytes }: Pick<WeightsFile, 'sizeBytes' | 'partBytes'>): number {
  return Math.max(0, sizeBytes - partBytes)
}

/** `Fetching · 12.3 MB of 97.8 MB · 5.2 MB/s · about 17 s left` */
export function fetchWords(fetch: WeightsFetch & { kind: 'busy' }, nowMs: number): string {
  const { progress, start } = fetch
  if (progress === null || start === null) return t`Connecting`
  const words = `${progress.message} · ${t`${{ done: formatBytes(progress.done) }} of ${{ total: formatBytes(progress.total) }}`}`
  const speed = uploadSpeed(progress.done - start.bytes, progress.total - start.bytes, nowMs - start.atMs)
  return speed === null || progress.done >= progress.total ? words : `${words} · ${speed}`
}
