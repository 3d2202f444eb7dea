/** The machine and the installation. */
import { freemem, totalmem } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { isCancellation, toFailure } from '../../shared/domain/error'
import { deviceSchema } from '../../shared/domain/system'
import type { Device, DoctorCheck, SystemInfo } from '../../shared/domain/system'
import { readJsonFileIfThere, writeJsonFile } from '../storage/json-file'
import { machineLockOwner } from '../storage/machine-lock'
import { availableCoresSync } from '../trainer/available-cores'
import { runJob } from '../trainer/host'
import { quickChecks } from './doctor'
import type { Places } from './places'
import { progressStream } from './progress-stream'
import type { ProgressStream } from './progress-stream'

export type Door = 'desktop' | 'served'

const keptDeviceSchema = z.object({ version: z.string(), cores: z.int(), device: deviceSchema })
/** The window is up before the device is looked for: both want the processor. */
const DEVICE_DELAY_MS = 1500
/** When to look again after a look during a training, or one that failed. */
const DEVICE_RETRY_MS = 60_000
/** Each failure doubles the wait, up to this: an engine that is not set up is not started over and over. */
const DEVICE_RETRY_LIMIT_MS = 30 * 60_000

export interface SystemOptions {
  door: Door
  version: string
  root: string
  places: Places
  trainerPath?: string | undefined
  /** For tests. */
  deviceDelaysMs?: { first: number; retry: number } | undefined
}

export class SystemService {
  private device: Device | null = null
  private looking: Promise<void> | null = null
  private timer: NodeJS.Timeout | undefined
  private readonly ending = new AbortController()
  private retryMs: number

  constructor(private readonly options: SystemOptions) {
    this.retryMs = options.deviceDelaysMs?.retry ?? DEVICE_RETRY_MS
  }

  /** `device` is null until it is known; it is looked for in the background until it is, and kept for the next start. */
  async info(): Promise<SystemInfo> {
    const { places, door, version } = this.options
    this.device ??= await this.keptDevice()
    if (this.device === null && this.looking === null && this.timer === undefined) this.lookAfter(this.options.deviceDelaysMs?.first ?? DEVICE_DELAY_MS)
    return {
      version,
      door,
      platform: process.platform,
      cores: availableCoresSync(),
      memoryBytes: totalmem(),
      freeMemoryBytes: freemem(),
      device: this.device,
      runsDirectory: places.runs,
      cacheDirectory: places.cache,
      dataDirectory: places.data,
      logsDirectory: places.logs,
    }
  }

  /** One screen of checks, the last of them a self-test of the engine in a trainer of its own. */
  doctor(signal?: AbortSignal): ProgressStream<{ checks: DoctorCheck[] }> {
    return progressStream(async (report, inner) => {
      report(0, 2, 'Looking at the installation')
      const checks = await quickChecks(this.options)
      report(1, 2, 'Testing the engine')
      checks.push(...(await this.selfTest(inner)))
      return { checks }
    }, signal)
  }

  async close(): Promise<void> {
    clearTimeout(this.timer)
    this.ending.abort()
    await this.looking
  }

  private async selfTest(signal: AbortSignal): Promise<DoctorCheck[]> {
    try {
      const { device, checks } = await runJob<'self-test'>({ kind: 'self-test' }, { signal, trainerPath: this.options.trainerPath }).result
      await this.keepDevice(device)
      return checks
    } catch (error) {
      if (isCancellation(error)) throw error
      const { message, action } = toFailure(error)
      return [{ name: 'Self-test', status: 'failed', value: message, action: action ?? 'Run npm start, which sets the engine up.' }]
    }
  }

  private lookAfter(delayMs: number): void {
    this.timer = setTimeout(() => {
      this.looking = this.look().then(() => {
        this.looking = null
        this.timer = undefined
        if (this.device === null && !this.ending.signal.aborted) this.lookAfter(this.retryMs)
      })
    }, delayMs).unref()
  }

  private async look(): Promise<void> {
    try {
      // The doctor or another process may have found it since.
      this.device ??= await this.keptDevice()
      if (this.device !== null) return
      // During a training the processor is busy.
      if ((await machineLockOwner(this.options.places.lock)) !== null) return
      const { device } = await runJob<'self-test'>({ kind: 'self-test' }, { signal: this.ending.signal, trainerPath: this.options.trainerPath }).result
      await this.keepDevice(device)
    } catch {
      // `doctor` says why; the chip shows that the device is not known.
      this.retryMs = Math.min(this.retryMs * 2, DEVICE_RETRY_LIMIT_MS)
    }
  }

  private get keptPath(): string {
    return join(this.options.places.cache, 'device.json')
  }

  private async keptDevice(): Promise<Device | null> {
    const kept = await readJsonFileIfThere(this.keptPath, keptDeviceSchema).catch(() => null)
    const isSame = kept !== null && kept.version === this.options.version && kept.cores === availableCoresSync()
    return isSame ? kept.device : null
  }

  private async keepDevice(device: Device): Promise<void> {
    this.device = device
    const kept = { version: this.options.version, cores: availableCoresSync(), device }
    // Knowing it again at the next start is a convenience.
    await writeJsonFile(this.keptPath, keptDeviceSchema, kept).catch(() => undefined)
  }
}
