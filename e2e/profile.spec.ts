/** --profile on the command line, on the photographs. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Person } from './graft'
import { havePhotographs, PHOTOGRAPHS } from './photographs'

const person = new Person()
afterAll(() => {
  person.leave()
})

describe.skipIf(!havePhotographs)('on 400 photographs', () => {
  const settings = [PHOTOGRAPHS, '--preset', 'guide-e', '--backbone', 'mobilenet_v3_small', '--weights', 'none', '--image-size', '64', '--epochs', '2']

  test('with train --json the profile is one more object', async () => {
    const run = join(person.home, 'json')
    const { code, stdout, stderr, events } = await person.run(['train', ...settings, '--profile', '--json', '--out', run])
    expect(code, stderr).toBe(0)
    expect(stdout.split('\n').filter((line) => line !== '' && !line.startsWith('{'))).toEqual([])
    expect(events.slice(-2).map((event) => event['event'])).toEqual(['done', 'profile'])
    const { file, total_s, phases, step_ms } = events.at(-1) as { file: string; total_s: number; phases: { seconds: number }[]; step_ms: number }
    expect(file).toBe(join(run, 'profile.json'))
    expect(phases.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(total_s, 6)
    expect(step_ms).toBeGreaterThan(0)
  })

  test('resume --profile ends with the tables of what it did itself, and leaves both files', async () => {
    const run = join(person.home, 'resumed')
    const started = person.start(['train', ...settings, '--epochs', '4', '--json', '--out', run])
    await started.line((line) => line.includes('"event":"epoch"'))
    started.child.kill('SIGINT')
    expect((await started.ended).code).toBe(130)
    expect(existsSync(join(run, 'profile.json'))).toBe(false)
    const { code, stderr, stdout } = await person.run(['resume', run, '--profile'])
    expect(code, stderr).toBe(0)
    const profile = JSON.parse(readFileSync(join(run, 'profile.json'), 'utf8')) as { resumed_from_epoch: number; epochs: number; layers: object | null }
    expect(profile.resumed_from_epoch + profile.epochs).toBe(4)
    expect(profile.layers).not.toBeNull()
    const [, told = ''] = stdout.split(`Run: ${run}\n`)
    expect(told).toContain(`\nWhere the time went (${profile.epochs} ${profile.epochs === 1 ? 'epoch' : 'epochs'}, after epoch ${profile.resumed_from_epoch})\n`)
    expect(told).toContain('A training step by blocks (batch 16, 64 px, float32')
    expect(told).toMatch(/^oneDNN/m)
    expect(told.trimEnd().split('\n').at(-1)).toBe(`Profile: ${join(run, 'profile.md')}`)
    expect(existsSync(join(run, 'profile.md'))).toBe(true)
  })
})
