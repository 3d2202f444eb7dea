/** The queue: runs that wait for their turn on this machine, kept in one file beside them. */
import { z } from 'zod'
import { runStatusSchema } from './run'

const MOST_ENDED = 50

/** How a run from the queue ended, kept until somebody has read it. */
export const queueEndSchema = z.object({
  run_id: z.string(),
  name: z.string(),
  status: runStatusSchema,
  /** Why it failed; null where it did not. */
  message: z.string().nullable(),
  at: z.iso.datetime(),
})
export type QueueEnd = z.infer<typeof queueEndSchema>

const placeSchema = z.object({ run_id: z.string(), directory: z.string() })

/** `queue.json`. */
export const queueFileSchema = z.object({
  version: z.literal(1),
  /** Nothing is begun until a person says so: somebody ended the program, or held the queue. */
  held: z.boolean().default(false),
  /** When whoever began them was ended, where that alone is why it is held; null where a person held it. */
  left_at: z.iso.datetime().nullable().default(null),
  /** The next one first. */
  entries: z.array(placeSchema.extend({ added_at: z.iso.datetime() })).default([]),
  /** What is at work from the queue, and how often it was begun: a process that dies leaves it here. */
  current: placeSchema.extend({ tries: z.int().positive() }).nullable().default(null),
  ended: z.array(queueEndSchema).max(MOST_ENDED).default([]),
})
export type QueueFile = z.infer<typeof queueFileSchema>

export const EMPTY_QUEUE: QueueFile = queueFileSchema.parse({ version: 1 })

/** With one more end, the oldest falling away. */
export const withEnd = (file: QueueFile, end: QueueEnd): QueueFile => ({ ...file, ended: [...file.ended, end].slice(-MOST_ENDED) })

/** What the studio and the command line show of the queue. */
export const queueViewSchema = z.object({
  held: z.boolean(),
  /** In whose hand it is: of this process, of another one, or of none, so that nothing of it begins. */
  keeper: z.enum(['here', 'elsewhere', 'none']),
  /** The next one first. */
  entries: z.array(
    z.object({
      runId: z.string(),
      name: z.string(),
      addedAt: z.iso.datetime(),
      dataset: z.string(),
      backbone: z.string(),
      epochsDone: z.int(),
      epochsPlanned: z.int(),
    }),
  ),
  /** The run of the queue that is at work. */
  current: z.object({ runId: z.string(), name: z.string() }).nullable(),
  /** What has the machine, in words that go on from "waits for"; null where nothing keeps the next one from beginning. */
  waitsFor: z.string().nullable(),
  ended: z.array(queueEndSchema),
})
export type QueueView = z.infer<typeof queueViewSchema>
