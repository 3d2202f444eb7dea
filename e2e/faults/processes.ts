/** Who is whose child (Linux). */
import { readdirSync, readFileSync } from 'node:fs'

interface Process {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

function processesSync(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
      const parent = Number(fields.slice(fields.lastIndexOf(')') + 2).split(' ')[1])
      return [{ pid: Number(name), parent, command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') }]
    } catch {
      // It has ended meanwhile.
      return []
    }
  })
}

/** The trainer below a process that was started, and its own parent; null where there is none. */
export function findTrainerBelowSync(pid: number): { trainer: number; parent: number } | null {
  const all = processesSync()
  let ring = [pid]
  while (ring.length > 0) {
    const below = all.filter(({ parent }) => ring.includes(parent))
    const trainer = below.find(({ command }) => command.includes('trainer.js'))
    if (trainer !== undefined) return { trainer: trainer.pid, parent: trainer.parent }
    ring = below.map((one) => one.pid)
  }
  return null
}
