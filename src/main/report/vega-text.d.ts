/** What vega has and its types leave out: how wide it takes a text to be. */
import type {} from 'vega'

declare module 'vega' {
  export interface MeasuredText {
    readonly fontSize?: number
    readonly fontWeight?: string | number
  }
  export const textMetrics: {
    /** Set to measure with a font of one's own. */
    width: (item: MeasuredText, text: unknown) => number
  }
}
