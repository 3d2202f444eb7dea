/** The command line on real photographs, from training to the exported model. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Person } from './graft'
import { havePhotographs, PHOTOGRAPHS } from './photographs'

const person = new Person()
afterAll(() => {
  person.leave()
})

describe.skipIf(!havePhotographs)('on 400 photographs', () => {
  const run = join(person.home, 'fast')
  const exported = join(person.home, 'exported')
  const pictures = () => [join(PHOTOGRAPHS, 'dandelion'), join(PHOTOGRAPHS, 'grass')]

  test('train --preset fast --json prints one object a line and reaches an answer', async () => {
    const { code, stdout, events, stderr } = await person.run(['train', PHOTOGRAPHS, '--preset', 'fast', '--json', '--out', run])
    expect(code, stderr).toBe(0)
    expect(stdout.split('\n').filter((line) => line !== '' && !line.startsWith('{'))).toEqual([])
    const of = (name: string) => events.filter((event) => event['event'] === name)
    expect(new Set(events.map((event) => event['event']))).toEqual(new Set(['start', 'prepare', 'epoch', 'done']))
    expect(of('start')[0]).toMatchObject({ classes: ['dandelion', 'grass'], counts: { train: 280, val: 60, test: 60 } })
    expect(of('epoch').map((event) => event['epoch'])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].slice(0, of('epoch').length))
    for (const key of ['train_loss', 'train_accuracy', 'val_loss', 'val_accuracy', 'val_macro_f1', 'learning_rate', 'seconds', 'images_per_second']) {
      expect(of('epoch')[0]?.[key]).toBeTypeOf('number')
    }
    const done = events.at(-1) as { event: string; run_dir: string; best_metric: number; test: { accuracy: number; count: number } }
    expect(done).toMatchObject({ event: 'done', run_dir: run, test: { count: 60 } })
    expect(done.best_metric).toBeGreaterThan(0.88)
    expect(done.test.accuracy).toBeGreaterThan(0.85)
    for (const file of ['config.yaml', 'manifest.json', 'history.jsonl', 'training_history.json', 'model_info.json', 'log', 'checkpoints/best/weights.safetensors']) {
      expect(existsSync(join(run, file)), file).toBe(true)
    }
  })

  test('a folder that holds a run is not trained into', async () => {
    const { code, stderr } = await person.run(['train', PHOTOGRAPHS, '--preset', 'fast', '--out', run])
    expect(code).toBe(3)
    expect(stderr).toMatch(/already holds a run/)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  test('evaluate, export and predict agree', async () => {
    const evaluated = await person.run(['evaluate', run, '--split', 'test', '--json'])
    expect(evaluated.code, evaluated.stderr).toBe(0)
    const { report } = evaluated.events[0] as { report: { count: number; accuracy: number } }
    expect(report.count).toBe(60)

    const written = await person.run(['export', run, '--to', exported])
    expect(written.code, written.stderr).toBe(0)
    expect(existsSync(join(exported, 'saved_model', 'saved_model.pb'))).toBe(true)

    const fromRun = await person.run(['predict', run, ...pictures()])
    const fromExport = await person.run(['predict', exported, ...pictures()])
    expect(fromRun.code, fromRun.stderr).toBe(0)
    expect(fromRun.stdout.trim().split('\n')).toHaveLength(400)
    expect(fromExport.stdout).toBe(fromRun.stdout)

    const onExport = await person.run(['evaluate', exported, '--data', PHOTOGRAPHS, '--split', 'test', '--json'])
    expect((onExport.events[0] as { report: { accuracy: number } }).report.accuracy).toBe(report.accuracy)
  })

  test('runs lists it, also when it lies elsewhere', async () => {
    const { stdout } = await person.run(['runs', '--json'])
    expect(stdout).toContain(JSON.stringify(PHOTOGRAPHS))
  })

  test('the same command twice gives the same numbers and weights', async () => {
    const again = join(person.home, 'again')
    await person.run(['train', PHOTOGRAPHS, '--preset', 'fast', '--json', '--out', again])
    const weights = (folder: string) => readFileSync(join(folder, 'checkpoints', 'best', 'weights.safetensors'))
    expect(weights(again).equals(weights(run))).toBe(true)

    // One byte of its best is wrong: another checkpoint takes its place, and that is said.
    const path = join(again, 'checkpoints', 'best', 'weights.safetensors')
    const bytes = readFileSync(path)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    writeFileSync(path, bytes)
    const [picture = ''] = readdirSync(join(PHOTOGRAPHS, 'grass'))
    const { code, stderr, stdout } = await person.run(['predict', again, join(PHOTOGRAPHS, 'grass', picture)])
    expect(code, stderr).toBe(0)
    expect(stdout).toContain(picture)
    expect(stderr).toMatch(/note: The checkpoint .* is damaged/)
  })

  test('a killed trainer is told, and resume goes on', async () => {
    const killed = join(person.home, 'killed')
    const started = person.start(['train', PHOTOGRAPHS, '--preset', 'fast', '--json', '--out', killed])
    await started.line((line) => line.includes('"event":"epoch"') && line.includes('"epoch":2'))
    const trainers = readFileSync(`/proc/${started.child.pid}/task/${started.child.pid}/children`, 'utf8').trim().split(' ')
    for (const pid of trainers) process.kill(Number(pid), 'SIGKILL')
    const ended = await started.ended
    expect(ended.code).not.toBe(0)
    expect(ended.events.at(-1)).toMatchObject({ event: 'error' })
    const resumed = await person.run(['resume', killed, '--json'])
    expect(resumed.code, resumed.stderr).toBe(0)
    const best = (folder: string) => readFileSync(join(folder, 'checkpoints', 'best', 'weights.safetensors'))
    expect(best(killed).equals(best(run))).toBe(true)
  })

  test('Ctrl-C once keeps and evaluates the best', async () => {
    const stopped = join(person.home, 'stopped')
    const started = person.start(['train', PHOTOGRAPHS, '--preset', 'fast', '--json', '--out', stopped])
    await started.line((line) => line.includes('"event":"epoch"') && line.includes('"epoch":2'))
    started.child.kill('SIGINT')
    const ended = await started.ended
    expect(ended.code).toBe(130)
    expect(ended.events.at(-1)).toMatchObject({ event: 'done', status: 'stopped' })
  })
})

test('doctor finds all well', async () => {
  const { code, stdout } = await person.run(['doctor'])
  expect(stdout).toMatch(/Self-test/)
  expect(code, stdout).toBe(0)
})

test('models lists the networks; inspect refuses what is no dataset, in words', async () => {
  const models = await person.run(['models'])
  expect(models.stdout).toMatch(/efficientnet_lite0[\s\S]*mobilenet_v3_small[\s\S]*resnet18/)
  const nothing = await person.run(['inspect', join(person.home, 'nowhere')])
  expect(nothing.code).not.toBe(0)
  expect(nothing.stderr).not.toMatch(/\n\s+at /)
})

test.skipIf(!havePhotographs)('weights that are not on the machine are named, with where to put them', async () => {
  const { code, stderr } = await person.run(['train', PHOTOGRAPHS, '--backbone', 'resnet18', '--epochs', '1'])
  expect(code).toBe(3)
  expect(stderr).toMatch(/resnet18-f37072fd\.pth/)
  expect(stderr).toMatch(/--weights none/)
})

test('a wrong option or value is answered with what was expected', async () => {
  const unknown = await person.run(['train', person.home, '--epoch', '3'])
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toMatch(/--epochs/)
  const value = await person.run(['train', person.home, '--freeze-ratio', '7'])
  expect(value.code).toBe(2)
  expect(value.stderr).toMatch(/freeze.ratio/)
})
