/** The pictures of a run as they stand now: what was decided about them, whether their folder is still the one that the run learned from. */
import { t } from '@lingui/core/macro'
import { z } from 'zod'
import { fixCountsSchema, pictureMarkSchema } from './fix-since'

/** A decision about pictures of a run. `fine`: they and the labels that the run has them with are right, whatever was decided before. */
export const pictureFixSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('exclude'), paths: z.array(z.string()).min(1).max(10_000) }),
  z.object({ kind: z.literal('relabel'), paths: z.array(z.string()).min(1).max(10_000), toClass: z.string() }),
  z.object({ kind: z.literal('fine'), paths: z.array(z.string()).min(1).max(10_000) }),
])
export type PictureFix = z.infer<typeof pictureFixSchema>

/** `gone`: no folder there; `another`: none of the run's pictures is in it; `changed`: some are not as they were. */
export const runFolderStateSchema = z.object({
  kind: z.enum(['same', 'changed', 'another', 'gone']),
  root: z.string(),
  /** Pictures of the run that are gone or of another size than they were, at most 200 of them. */
  lost: z.array(z.string()),
  lostCount: z.int().nonnegative(),
  pictures: z.int().nonnegative(),
})
export type RunFolderState = z.infer<typeof runFolderStateSchema>

const turnSchema = z.object({ title: z.string(), /** Some of its pictures. */ paths: z.array(z.string()) })

export const runFixesSchema = z.object({
  folder: runFolderStateSchema,
  marks: z.array(pictureMarkSchema),
  /** Since the run was made. */
  counts: fixCountsSchema,
  /** What undoing would take back and redoing would make again, whoever decided it; null where there is nothing. */
  undo: turnSchema.nullable(),
  redo: turnSchema.nullable(),
  /** Why the run cannot be trained again from its pictures; null where it can. */
  hindrance: z.string().nullable(),
})
export type RunFixes = z.infer<typeof runFixesSchema>

/** Why nothing can be decided about the pictures, and what helps; null where it can. */
export function folderHindrance({ kind, root }: Pick<RunFolderState, 'kind' | 'root'>): string | null {
  if (kind === 'gone') return t`The pictures’ folder is not there any more: ${root}. Put it back to decide about its pictures.`
  if (kind === 'another') return t`Another folder lies at ${root}: it has none of the pictures of this run. Put the run’s own folder back to decide about its pictures.`
  return null
}

const answerSchema = z.object({ label: z.string(), prediction: z.string(), probability: z.number() })
/** A picture of a split that a run trained again has otherwise than the run before; null on the side where it takes no part. */
export const fixedPictureSchema = z.object({ path: z.string(), before: answerSchema.nullable(), now: answerSchema.nullable() })
export type FixedPicture = z.infer<typeof fixedPictureSchema>
