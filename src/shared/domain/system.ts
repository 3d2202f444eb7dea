/** The machine and the installation, as the device chip and `graft doctor` show them. */
import { z } from 'zod'
import { failureSchema } from './error'
import { explanationsSoFarSchema } from './explanation'
import { paritySoFarSchema } from './export'
import { rateSoFarSchema } from './rate-finder'

export const deviceSchema = z.object({
  kind: z.enum(['cpu', 'gpu']),
  /** "CPU, 2 threads" or the GPU's name. */
  name: z.string(),
  threads: z.int().positive(),
  tensorflowVersion: z.string(),
})
export type Device = z.infer<typeof deviceSchema>

export const systemInfoSchema = z.object({
  version: z.string(),
  door: z.enum(['desktop', 'served']),
  platform: z.string(),
  cores: z.int(),
  memoryBytes: z.number(),
  freeMemoryBytes: z.number(),
  device: deviceSchema.nullable(),
  runsDirectory: z.string(),
  cacheDirectory: z.string(),
  dataDirectory: z.string(),
  logsDirectory: z.string(),
})
export type SystemInfo = z.infer<typeof systemInfoSchema>

export const storageUsageSchema = z.object({
  runsBytes: z.number(),
  runs: z.int(),
  pictureCacheBytes: z.number(),
  /** What frozen parts of networks gave for pictures. */
  featureCacheBytes: z.number(),
  uploadsBytes: z.number(),
  freeBytes: z.number(),
})
export type StorageUsage = z.infer<typeof storageUsageSchema>

export const doctorCheckSchema = z.object({
  name: z.string(),
  status: z.enum(['ok', 'warning', 'failed']),
  value: z.string(),
  /** What to do about it; null when it is well. */
  action: z.string().nullable(),
})
export type DoctorCheck = z.infer<typeof doctorCheckSchema>

export const settingsSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  recentDatasets: z.array(z.object({ root: z.string(), name: z.string(), openedAt: z.iso.datetime() })).default([]),
  lastExportDirectory: z.string().nullable().default(null),
  /** Training gives way to the other programs of the machine. */
  background: z.boolean().default(false),
})
export type Settings = z.infer<typeof settingsSchema>

/** What long work has found before its end. */
export const soFarSchema = z.union([paritySoFarSchema, rateSoFarSchema, explanationsSoFarSchema])
export type SoFar = z.infer<typeof soFarSchema>

/** Progress of a long call, or its result. Streams end with `done` or `failed`. */
export function progressStream<T extends z.ZodType>(result: T) {
  return z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('progress'), message: z.string(), done: z.number(), total: z.number(), /** Of an export's check, the search for a learning rate, or explanations. */ soFar: soFarSchema.optional() }),
    z.object({ kind: z.literal('done'), result }),
    z.object({ kind: z.literal('failed'), failure: failureSchema }),
  ])
}
