/** The pieces that Vega-Lite's descriptions are made of, by name; the package does not export them. */
import type { TopLevelSpec } from 'vega-lite'

export type Layer = Extract<TopLevelSpec, { layer: unknown }>['layer'][number]
export type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number]
