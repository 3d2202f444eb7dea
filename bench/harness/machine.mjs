// What a table of figures has to say of where it was measured.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { root } from './processes.mjs'

const INSTRUCTIONS = ['avx2', 'avx512f', 'avx512_bf16', 'amx_bf16']

function processorFlags() {
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1].split(' ') ?? []
    return INSTRUCTIONS.filter((name) => flags.includes(name))
  } catch {
    return []
  }
}

/** @param {string} python the peer's; null without one */
export function machine(python) {
  const peer = python === null ? null : JSON.parse(execFileSync(python, ['-c', 'import json, torch, torchvision, platform; print(json.dumps({"python": platform.python_version(), "torch": torch.__version__, "torchvision": torchvision.__version__}))'], { encoding: 'utf8' }))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return {
    processor: cpus()[0]?.model ?? '',
    cores: availableParallelism(),
    instructions: processorFlags(),
    memory_gb: Math.round(totalmem() / 1e9),
    system: `${platform()} ${release()}`,
    node: process.version,
    graft: version,
    peer,
    load_before: loadavg()[0],
    date: new Date().toISOString(),
  }
}
