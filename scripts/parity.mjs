// Compares every network with a live torchvision: weights that torchvision makes, its logits, its gradients, its running statistics.
//
//   npm run parity [-- NETWORK …]
//
// It needs a Python with torch, torchvision, numpy and safetensors: the one named by GRAFT_PEER_PYTHON, else python3.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const NETWORKS = [
  'resnet18', 'resnet34', 'resnet50', 'resnet101', 'mobilenet_v2', 'mobilenet_v3_small', 'mobilenet_v3_large',
  'efficientnet_b0', 'efficientnet_b1', 'efficientnet_b2', 'efficientnet_b3',
] // prettier-ignore
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !NETWORKS.includes(name))
if (unknown.length > 0) {
  console.error(`Expected networks of torchvision among ${NETWORKS.join(', ')}; got ${unknown.join(', ')}.`)
  process.exit(2)
}
const networks = asked.length > 0 ? asked : NETWORKS

const python = process.env.GRAFT_PEER_PYTHON ?? 'python3'
const probe = spawnSync(python, ['-c', 'import numpy, safetensors, torch, torchvision; print(torchvision.__version__)'], { encoding: 'utf8' })
if (probe.status !== 0) {
  console.error(`${python} has no torchvision to compare with: ${(probe.stderr || String(probe.error)).trim().split('\n').at(-1)}`)
  console.error('Install torch, torchvision, numpy and safetensors, or name another Python by GRAFT_PEER_PYTHON.')
  process.exit(1)
}
console.log(`Comparing ${networks.length} networks with torchvision ${probe.stdout.trim()}`)

const folder = mkdtempSync(join(tmpdir(), 'graft-parity-'))
let status = 1
try {
  const made = spawnSync(python, [join(root, 'scripts', 'golden', 'live-torchvision.py'), folder, ...networks], { stdio: 'inherit' })
  if (made.status === 0) {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
    const environment = { ...process.env, GRAFT_PARITY_DIR: folder }
    const filter = asked.length > 0 ? ['-t', `^(${networks.join('|')}) `] : []
    status = spawnSync(process.execPath, [vitest, 'run', 'src/main/engine/zoo/live-torchvision.test.ts', ...filter], { stdio: 'inherit', cwd: root, env: environment }).status ?? 1
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = status
