/** A network's size as people state it. */
import { t } from '@lingui/core/macro'

/** One digit after the point, with a unit as PyTorch users write it: `2.5M`, `0.6M`, `48.3k`, `912`. */
export function shortCount(count: number): string {
  if (count >= 0.9995e9) return `${(count / 1e9).toFixed(1)}B`
  // From a tenth of a million on, so that both numbers of a pair have one unit as long as that says something.
  if (count >= 1e5) return `${(count / 1e6).toFixed(1)}M`
  return count >= 1000 ? `${(count / 1e3).toFixed(1)}k` : String(count)
}

/** `2.5M (0.6M trainable)` */
export function parameterWords({ parameters, trainableParameters }: { parameters: number; trainableParameters: number }): string {
  return t`${{ all: shortCount(parameters) }} (${{ trainable: shortCount(trainableParameters) }} trainable)`
}
