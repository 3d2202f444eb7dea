import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DoctorCheck } from '../../shared/domain/system'
import { starterWeightsFile } from '../storage/paths'
import { quickChecks } from './doctor'
import { placesFrom } from './places'

let base: string
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'graft-doctor-'))
})
afterEach(() => rm(base, { recursive: true, force: true }))

async function weights(): Promise<DoctorCheck | undefined> {
  const checks = await quickChecks({ version: '0.0.0', root: base, places: placesFrom(join(base, 'data'), join(base, 'cache')) })
  return checks.find(({ name }) => name === 'Starter weights')
}

test('where weights would be fetched from is told, and what is wrong with it', async () => {
  const said = async (environment: Record<string, string>): Promise<DoctorCheck | undefined> => {
    const checks = await quickChecks({ version: '0.0.0', root: base, places: placesFrom(join(base, 'data'), join(base, 'cache')), environment })
    return checks.find(({ name }) => name === 'Downloads')
  }
  expect(await said({})).toMatchObject({ status: 'ok', value: expect.stringMatching(/from download\.pytorch\.org$/) })
  expect(await said({ GRAFT_WEIGHTS_URL: 'https://mirror.lab/weights', HTTPS_PROXY: 'http://ann:secret@proxy.lab:3128' })).toMatchObject({ value: expect.stringMatching(/from mirror\.lab through the proxy proxy\.lab:3128$/) })
  expect(await said({ GRAFT_WEIGHTS_URL: 'http://mirror.lab/weights' })).toMatchObject({ status: 'warning', value: expect.stringContaining('GRAFT_WEIGHTS_URL') })
})

test('weights that are missing, damaged or cannot be read are each a line of their own, with what to do', async () => {
  const path = starterWeightsFile(join(base, 'cache'))
  expect(await weights()).toMatchObject({ status: 'failed', value: expect.stringContaining('missing') })
  await mkdir(path, { recursive: true })
  expect(await weights()).toMatchObject({ status: 'failed', value: expect.stringContaining('cannot be read (EISDIR)'), action: expect.stringContaining('npm start') })
  await rm(path, { recursive: true })
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, 'x')
  expect(await weights()).toMatchObject({ status: 'failed', value: expect.stringContaining('damaged') })
})
