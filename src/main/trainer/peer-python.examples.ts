/** For tests beside other programs: a Python that has them, named by GRAFT_PEER_PYTHON, else python3 on the path. */
import { execFileSync } from 'node:child_process'

export interface PeerPython {
  readonly path: string
  /** Null where it can import what was asked for; else what is missing and how to get it. */
  readonly missing: string | null
  /** What a program printed; its arguments follow. @param timeoutMs for a busy machine */
  run(program: string, parameters: readonly string[], timeoutMs?: number): string
}

/** @param modules what the test imports, for example torch and torchvision */
export function findPeerPython(modules: readonly string[]): PeerPython {
  const path = process.env['GRAFT_PEER_PYTHON'] ?? 'python3'
  const run: PeerPython['run'] = (program, parameters, timeoutMs = 300_000) =>
    execFileSync(path, ['-c', program, ...parameters], { encoding: 'utf8', timeout: timeoutMs, maxBuffer: 64 * 2 ** 20, stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    // Found, not loaded: importing torch takes seconds.
    run(`import importlib.util, sys\nsys.exit(any(importlib.util.find_spec(name) is None for name in sys.argv[1:]))`, modules, 60_000)
    return { path, missing: null, run }
  } catch {
    const missing = `${path} cannot import all of ${modules.join(', ')}: set GRAFT_PEER_PYTHON to a Python that can (pip install ${modules.join(' ')})`
    return { path, missing, run }
  }
}
