/** What a person asks to be done about pictures of a dataset, and what comes of it. */
import { z } from 'zod'
import { datasetSummarySchema } from './dataset'
import { journalSchema } from './fix-journal'
import { healthKindSchema, healthReportSchema } from './health'

const paths = z.array(z.string()).min(1).max(200_000)

export const fixRequestSchema = z.discriminatedUnion('kind', [
  /** `keeping`: what stays of the same groups, for the list of decisions. */
  z.object({ kind: z.literal('exclude'), finding: healthKindSchema.nullable(), paths, keeping: z.array(z.string()).optional() }),
  z.object({ kind: z.literal('exclude-all'), finding: healthKindSchema }),
  /** Of the groups of the finding that hold one of the paths, or of all: the largest picture stays, the others are left out. */
  z.object({ kind: z.literal('keep-largest'), finding: healthKindSchema, paths: paths.nullable() }),
  z.object({ kind: z.literal('move'), finding: healthKindSchema.nullable(), paths, toClass: z.string() }),
  /** The finding is not to be told of these pictures, or of any that it has now. */
  z.object({ kind: z.literal('fine'), finding: healthKindSchema, paths: paths.nullable() }),
  /** The pictures and their labels are right as they are: what was left out takes part again, and nothing suggests them any more. */
  z.object({ kind: z.literal('keep'), finding: z.null(), paths }),
])
export type FixRequest = z.infer<typeof fixRequestSchema>

/** The dataset as it is after a decision, or after one was taken back. */
export const fixedSchema = z.object({
  summary: datasetSummarySchema,
  journal: journalSchema,
  /** Null where nobody has looked at the pictures yet. */
  health: healthReportSchema.nullable(),
})
export type Fixed = z.infer<typeof fixedSchema>
