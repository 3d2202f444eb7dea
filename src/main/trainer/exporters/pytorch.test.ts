/** The written files in PyTorch itself: its strict loading into torchvision's own classes, its answers, the examples as they are. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, expect, test } from 'vitest'
import type { ExportPrecision } from '../../../shared/domain/export'
import type { HeadName } from '../../../shared/domain/run-config'
import { formulaWeights } from '../../engine/golden/formula'
import { BACKBONES, buildNetwork, defaultDropout, findBackbone } from '../../engine/zoo/registry'
import { exampleState } from '../../storage/run-folder.examples'
import { openNetwork } from '../network-answers'
import { findPeerPython } from '../peer-python.examples'
import { readPictureFromFile } from '../pictures'
import type { ExportedModel, Exporter } from './exporter'
import { pytorchExporter } from './pytorch'
import { safetensorsExporter } from './safetensors'

const python = findPeerPython(['torch', 'torchvision', 'safetensors', 'PIL', 'numpy'])
const lite = findPeerPython(['torch', 'safetensors', 'PIL', 'numpy', 'efficientnet_lite_pytorch'])
const photographs = ['dandelion', 'grass'].map((name) => resolve(import.meta.dirname, '../../../../../shared/data/dandelion-grass', name))
const noPhotographs = photographs.every((path) => existsSync(path)) ? null : `there are no photographs at ${photographs.join(' and ')}`

const SIDE = 96
const folders: string[] = []
const seen: Record<string, number> = {}
afterAll(async () => {
  peer?.child.stdin.end()
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
  console.info('PyTorch beside the engine, largest difference of a logit:', seen)
})

function modelOf(name: string, head: HeadName, classes: number): ExportedModel {
  const backbone = findBackbone(name)
  const network = buildNetwork(backbone, { classes, head, dropout: null })
  const labels = Array.from({ length: classes }, (_, i) => `class ${i}`)
  const state = { ...exampleState(1), backbone: name, head, dropout: defaultDropout(backbone, head), num_classes: classes, classes: labels, image_size: SIDE }
  // With a gain of 1 most networks would hardly tell the two photographs apart; with 1.4 the logits of some reach hundreds.
  const gain = name.startsWith('resnet') ? 1 : name === 'mobilenet_v3_large' ? 1.2 : 1.4
  return { state, backbone, network, preprocessing: backbone.preprocessing, weights: formulaWeights(network, gain) }
}

/** Reads folders and pictures, one request a line, runs the folder's example as `python example.py PICTURE` would, and tells what it computed. */
const RUN_EXAMPLES = `
import contextlib, io, json, pathlib, runpy, sys
import torch
for line in sys.stdin:
    folder, pictures = json.loads(line)
    rows = []
    try:
        for picture in pictures:
            sys.argv = ["example.py", picture]
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                program = runpy.run_path(str(pathlib.Path(folder) / "example.py"), run_name="__main__")
            with torch.inference_mode():
                logits = program["net"](((program["pixels"] - program["mean"]) / program["std"])[None])[0]
            rows.append({"first": printed.getvalue().split("\\n")[0], "lines": printed.getvalue().count("\\n"), "logits": logits.tolist()})
        print(json.dumps({"rows": rows}), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
`

interface Row {
  first: string
  lines: number
  logits: number[]
}

/** One process for all tests: importing torch takes longer than most of them. */
let peer: { child: ChildProcessWithoutNullStreams; lines: AsyncIterator<string> } | null = null

async function askPython(folder: string, pictures: readonly string[]): Promise<Row[]> {
  if (peer === null) {
    const child = spawn(python.path, ['-c', RUN_EXAMPLES])
    child.stderr.resume()
    peer = { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
  }
  peer.child.stdin.write(`${JSON.stringify([folder, pictures])}\n`)
  const { value } = (await peer.lines.next()) as { value?: string }
  const answer = JSON.parse(value ?? '{"error":"Python ended"}') as { rows?: Row[]; error?: string }
  if (answer.rows === undefined) throw new Error(answer.error)
  return answer.rows
}

async function write(exporter: Exporter, model: ExportedModel, precision: ExportPrecision = 'float32'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-pytorch-'))
  folders.push(folder)
  const options = { format: exporter.format, precision, preprocessing_inside: false, accepted_accuracy_drop: null }
  await exporter.write(folder, model, options)
  const { file, text } = exporter.example(model, options)
  await writeFile(join(folder, file), text)
  await writeFile(join(folder, 'model_info.json'), JSON.stringify({ labels: model.state.classes }))
  return folder
}

/** Two photographs, shown to the engine and to Python: the largest difference of a logit, and the largest logit. */
async function compare(model: ExportedModel, folder: string): Promise<{ difference: number; largest: number; apart: number }> {
  const pictures = photographs.map((path) => join(path, '00000001.jpg'))
  const rows = await askPython(folder, pictures)
  const answers = openNetwork({ network: model.network, imageSize: SIDE, preprocessing: model.preprocessing, weights: model.weights })
  const ours = await Promise.all(pictures.map(async (picture) => answers.logits(await readPictureFromFile(picture, SIDE), 1)))
  answers.close()
  const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.max(...Array.from(a, (value, c) => Math.abs(value - (b[c] ?? NaN))))
  rows.forEach(({ first, lines, logits }) => {
    expect(first).toMatch(new RegExp(`^class ${logits.indexOf(Math.max(...logits))} {2}[01]\\.\\d{4}$`))
    expect(lines).toBe(model.state.num_classes)
  })
  return {
    difference: Math.max(...ours.map((logits, i) => furthest(logits, rows[i]?.logits ?? []))),
    largest: Math.max(...ours.map((logits) => furthest(logits, new Array<number>(logits.length).fill(0)))),
    apart: furthest(ours[0] ?? [], ours[1] ?? []),
  }
}

const missingFor = (name: string) => noPhotographs ?? (name.startsWith('efficientnet_lite') ? lite : python).missing

async function check(label: string, exporter: Exporter, model: ExportedModel): Promise<void> {
  const folder = await write(exporter, model)
  const { difference, largest, apart } = await compare(model, folder)
  await rm(folder, { recursive: true })
  seen[label] = difference
  expect(difference).toBeLessThanOrEqual(1e-4)
  // The numbers are worth comparing: neither vanishing nor the same for both photographs.
  expect(largest).toBeGreaterThan(0.01)
  expect(apart).toBeGreaterThan(10 * difference)
}

function skipWhere(missing: string | null, skip: (note: string) => void): void {
  if (missing !== null) skip(missing)
}

test.for(BACKBONES.map(({ name }) => name))('%s: the .pth loads strictly into its own class and answers alike, through the example as it is', { timeout: 120_000 }, async (name, { skip }) => {
  skipWhere(missingFor(name), skip)
  await check(name, pytorchExporter, modelOf(name, 'linear', 2))
})

const HEADED = [
  { name: 'resnet18', head: 'deep' },
  { name: 'mobilenet_v3_small', head: 'mlp' },
  { name: 'mobilenet_v2', head: 'deep' },
  { name: 'efficientnet_b0', head: 'mlp' },
  { name: 'efficientnet_lite0', head: 'deep' },
  { name: 'efficientnet_lite0', head: 'linear' },
] as const

test.for(HEADED)('$name with the head $head: the same from safetensors, for 1,000 classes', { timeout: 120_000 }, async ({ name, head }, { skip }) => {
  skipWhere(missingFor(name), skip)
  await check(`${name}, ${head}, 1000`, safetensorsExporter, modelOf(name, head, 1000))
})

test('float16 kernels load into the float32 class', async ({ skip }) => {
  skipWhere(missingFor('resnet18'), skip)
  const model = modelOf('resnet18', 'linear', 5)
  const folder = await write(safetensorsExporter, model, 'float16')
  const { difference, largest } = await compare(model, folder)
  seen['resnet18 in float16'] = difference
  expect(difference).toBeGreaterThan(0)
  expect(difference).toBeLessThan(1e-2 * Math.max(1, largest))
}, 120_000)

test('what torch.load gives is the state dict of the class: names, order, shapes and types', async ({ skip }) => {
  skipWhere(python.missing, skip)
  const folder = await write(pytorchExporter, modelOf('mobilenet_v3_small', 'linear', 7))
  const program = `
import sys, torch, torchvision
state = torch.load(sys.argv[1], weights_only=True)
own = torchvision.models.mobilenet_v3_small(num_classes=7).state_dict()
print(type(state).__name__, list(state) == list(own), all(state[n].shape == own[n].shape and state[n].dtype == own[n].dtype for n in own))
`
  expect(python.run(program, [join(folder, 'model.pth')]).trim()).toBe('OrderedDict True True')
}, 120_000)
