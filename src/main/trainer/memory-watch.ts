/** Whether a process was short of memory when it died: not every way of running out of it leaves a word. */
import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'

/** Less than this share of its memory left, and a crash is taken for the lack of it. */
const TIGHT_SHARE = 0.1
const PERIOD_MS = 200

export interface MemoryWatch {
  /** True where little was left at the last look, or shortly before. */
  wasTight(): boolean
  end(): void
}

function readSync(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Share of the memory that is left to a process: of the machine's or its container's, and of its own address space where that is limited. */
export function memoryLeftShare(pid: number): number {
  const all = Math.min(process.constrainedMemory() || Infinity, totalmem())
  const machine = process.availableMemory() / all
  const limit = Number(/^Max address space\s+(\d+)/m.exec(readSync(`/proc/${pid}/limits`))?.[1] ?? NaN)
  const taken = Number(/^VmSize:\s+(\d+) kB/m.exec(readSync(`/proc/${pid}/status`))?.[1] ?? NaN) * 1024
  const own = Number.isFinite(limit) && Number.isFinite(taken) ? (limit - taken) / limit : 1
  return Math.max(0, Math.min(machine, own))
}

/** Looks a few times a second until it is ended. */
export function watchMemory(pid: number): MemoryWatch {
  // Two looks: at the very last one the system may have taken the memory back already.
  let lastShares = [1, 1]
  const timer = setInterval(() => {
    lastShares = [lastShares[1] ?? 1, memoryLeftShare(pid)]
  }, PERIOD_MS)
  timer.unref()
  return {
    wasTight: () => Math.min(...lastShares) < TIGHT_SHARE,
    end: () => {
      clearInterval(timer)
    },
  }
}
