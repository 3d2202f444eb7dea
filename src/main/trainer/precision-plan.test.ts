import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { Cancelled } from '../../shared/domain/error'
import { runConfigSchema } from '../../shared/domain/run-config'
import { loadTensorFlow } from '../engine/runtime/tensorflow'
import { expectedPrecision, type PrecisionQuestion, processorHasBfloat16, resolvePrecision } from './precision-plan'
import { drawPictures, makeRun, trainRun, workplace } from './trained-runs.examples'

const directory = mkdtempSync(join(tmpdir(), 'graft-precision-'))
const file = join(directory, 'step-times.json')
afterAll(() => {
  rmSync(directory, { recursive: true, force: true })
})

/** A training long enough to be measured for, of steps short enough to be measured here. */
const question: PrecisionQuestion = {
  isBusy: false,
  config: runConfigSchema.parse({ backbone: 'mobilenet_v3_small', weights: 'none', freeze: 'none', image_size: 64, batch_size: 4, epochs: 1000 }),
  classes: 3,
  trainPictures: 1_000_000,
  device: loadTensorFlow().device,
  directory,
  hasBfloat16: true,
}

async function asked(changes: Partial<PrecisionQuestion> = {}): Promise<{ precision: string; said: string[] }> {
  const said: string[] = []
  const precision = await resolvePrecision({ ...question, ...changes }, (message) => {
    said.push(message)
    return Promise.resolve()
  })
  return { precision, said }
}

describe('the precision of a run', () => {
  test('what is asked for is taken, and what a session before settled on', async () => {
    const config = { ...question.config, precision: 'bfloat16' as const }
    expect(await asked({ config })).toEqual({ precision: 'bfloat16', said: [] })
    expect(await asked({ resolved: { precision: 'bfloat16' } })).toEqual({ precision: 'bfloat16', said: [] })
  })

  test('nothing is measured for a short training, on a processor without bfloat16, or on a GPU', async () => {
    expect(await asked({ trainPictures: 10, config: { ...question.config, epochs: 2 } })).toEqual({ precision: 'float32', said: [] })
    expect(await asked({ hasBfloat16: false })).toEqual({ precision: 'float32', said: [] })
    expect(await asked({ device: { ...question.device, kind: 'gpu' } })).toEqual({ precision: 'float32', said: [] })
    expect(await expectedPrecision(question)).toBe('float32')
  })

  test('both are measured once, the faster is said and kept for the next run', async () => {
    const { precision, said } = await asked()
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(new RegExp(`^Precision auto: ${precision}\\. A step takes \\d+\\.\\d\\d s in bfloat16 and \\d+\\.\\d\\d s in float32$`))
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { precision: string; float32_s: number; bfloat16_s: number }>
    const [[key, measured] = ['', { precision: '', float32_s: NaN, bfloat16_s: NaN }]] = Object.entries(kept)
    expect(key).toMatch(/mobilenet_v3_small · linear · 0 frozen · input · 64 px · batch 4 · adam$/)
    expect(measured.precision).toBe(measured.bfloat16_s < 0.9 * measured.float32_s ? 'bfloat16' : 'float32')

    // What is kept decides, however fast either would be now.
    for (const [bfloat16_s, expected] of [[0.5, 'bfloat16'], [0.95, 'float32']] as const) {
      writeFileSync(file, JSON.stringify({ [key]: { precision: expected, float32_s: 1, bfloat16_s, busy: false } }))
      expect(await asked()).toEqual({ precision: expected, said: [`Precision auto: ${expected}. A step takes ${bfloat16_s.toFixed(2)} s in bfloat16 and 1.00 s in float32, as measured before on this machine`] })
      expect(await expectedPrecision(question)).toBe(expected)
    }
    expect(await expectedPrecision({ ...question, batchSize: 8 })).toBe('float32')
  })

  test('what was measured on a busy machine holds until it is quiet, and is measured again then', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'graft-precision-'))
    try {
      expect((await asked({ directory, isBusy: true })).said).not.toEqual([expect.stringMatching(/as measured before/)])
      expect((await asked({ directory, isBusy: true })).said).toEqual([expect.stringMatching(/as measured before/)])
      expect((await asked({ directory, isBusy: false })).said).not.toEqual([expect.stringMatching(/as measured before/)])
      expect((await asked({ directory, isBusy: false })).said).toEqual([expect.stringMatching(/as measured before/)])
      expect((await asked({ directory, isBusy: true })).said).toEqual([expect.stringMatching(/as measured before/)])
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })

  test('a damaged file of measurements is measured anew', async () => {
    writeFileSync(file, '{"cut off')
    expect((await asked()).said).toHaveLength(1)
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object)).toHaveLength(1)
  })

  test('what cannot be kept or read is measured all the same, and why is said', async () => {
    const inTheWay = join(directory, 'in-the-way')
    writeFileSync(inTheWay, '')
    const { precision, said } = await asked({ directory: inTheWay })
    expect(said).toEqual([expect.stringMatching(`^Precision auto: ${precision}`), expect.stringMatching(/^The next run measures it again: .*could not be written \((EEXIST|ENOTDIR)\)/)])

    const unreadable = join(directory, 'unreadable')
    mkdirSync(join(unreadable, 'step-times.json'), { recursive: true })
    expect(await expectedPrecision({ ...question, directory: unreadable })).toBe('float32')
  })

  test('measuring can be ended before every step, and says how far it is', async () => {
    const told: string[] = []
    const until = (steps: number) => async (done: number, total: number) => {
      told.push(`${done} of ${total}`)
      if (told.length > steps) throw new Cancelled()
    }
    // In a folder that is not there yet.
    const anew = { ...question, directory: join(directory, 'new', 'folder') }
    await expect(resolvePrecision(anew, () => Promise.resolve(), until(1))).rejects.toThrow(Cancelled)
    expect(told).toEqual(['0 of 2', '0 of 2'])
    await resolvePrecision(anew, () => Promise.resolve(), until(Infinity))
    expect(new Set(told)).toEqual(new Set(['0 of 2', '1 of 2']))
    expect((await asked({ directory: anew.directory })).said).toEqual([expect.stringMatching(/as measured before/)])
  })
})

if (!processorHasBfloat16()) console.warn('SKIPPED: stopping a run while precisions are measured (needs a processor with bfloat16)')
test.skipIf(!processorHasBfloat16())('a run that is stopped while precisions are measured ends there', async () => {
  const folder = await workplace()
  vi.stubEnv('GRAFT_CACHE_DIR', join(folder, 'cache'))
  const run = await makeRun(folder, 'stopped', await drawPictures(folder), { precision: 'auto', epochs: 10_000, augment: false })
  const told: string[] = []
  const job = trainRun(run, false, ({ event }, { stop }) => {
    told.push(event.event === 'prepare' ? `${event.phase} ${event.done} of ${event.total}` : event.event)
    if (told.at(-1) === 'compiling 0 of 2' || event.event === 'start') stop()
  })
  await expect(job.result).rejects.toMatchObject({ code: 'CONFLICT' })
  expect(told).not.toContain('compiling 1 of 2')
  expect(told).not.toContain('start')
  vi.unstubAllEnvs()
})
