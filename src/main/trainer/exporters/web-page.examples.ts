/** An exported page in a real browser, for tests: a server on the loopback, a Chromium, and models without a training. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import type { CheckpointState } from '../../../shared/domain/run'
import { formulaWeights } from '../../engine/golden/formula'
import { buildNetwork, findBackbone } from '../../engine/zoo/registry'
import type { ExportedModel } from './exporter'
import { tfjsExporter } from './tfjs'

export const browserPath =
  [process.env['GRAFT_BROWSER'], '/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'].find(
    (path) => path !== undefined && path !== '' && existsSync(path),
  ) ?? null

const SWITCHES = ['--no-sandbox', '--disable-background-networking', '--no-first-run', '--disable-component-update', '--disable-sync', '--enable-unsafe-swiftshader']

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath ?? '', args: SWITCHES })
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

/** Any static server. `close` ends it. */
export async function serveFolder(directory: string): Promise<{ address: string; close: () => void }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const name = path === '/' ? '/index.html' : path
    readFile(join(directory, name)).then(
      (content) => response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' }).end(content),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

/** A model of formula weights. `labels` gives the number of classes; `sharpness` multiplies the last layer, so that answers lie apart. */
export function formulaModel(name: string, imageSize: number, labels: readonly string[], sharpness = 1): ExportedModel {
  const backbone = findBackbone(name)
  const network = buildNetwork(backbone, { classes: labels.length, head: 'linear', dropout: null })
  const formula = formulaWeights(network, name.startsWith('resnet') ? 1 : 1.4)
  const weights = new Map(formula)
  for (const part of ['weight', 'bias']) {
    const tensor = formula.get(`${network.output}.${part}`)
    if (tensor !== undefined) weights.set(`${network.output}.${part}`, { ...tensor, data: tensor.data.map((value) => value * sharpness) })
  }
  const state: CheckpointState = {
    version: 1,
    backbone: name,
    head: 'linear',
    dropout: 0,
    num_classes: labels.length,
    classes: [...labels],
    image_size: imageSize,
    preprocessing: { mean: [...backbone.preprocessing.mean], std: [...backbone.preprocessing.std], interpolation: 'bilinear' },
    frozen_layers: 0,
    epoch: 1,
    stage: 1,
    stage_epoch: 1,
    step: 1,
    pass: 1,
    stage_starts: [0],
    position: null,
    best_epoch: 1,
    best_metric: 1,
    monitor: 'val_accuracy',
    learning_rate: 1e-3,
    learning_rates: [1e-3],
    plateau: { best: null, bad_epochs: 0 },
    early_stopping: { best: null, epochs_without_gain: 0 },
    history: [],
    intra_op_threads: 1,
    elapsed_s: 1,
    seed: 1,
  }
  return { state, backbone, network, preprocessing: backbone.preprocessing, weights }
}

/** Writes the export into a new folder below the system's temporary one. */
export async function writeExample(model: ExportedModel): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'graft-web-page-'))
  await tfjsExporter.write(directory, model, { format: 'tfjs', precision: 'float32', preprocessing_inside: false, accepted_accuracy_drop: null })
  return directory
}
