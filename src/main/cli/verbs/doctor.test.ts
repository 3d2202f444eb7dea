import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runConfigSchema } from '../../../shared/domain/run-config'
import { placesFrom } from '../../services/places'
import { createStudio } from '../../services/studio'
import { RunFolder } from '../../storage/run-folder'
import { exampleManifest, exampleRecord } from '../../storage/run-folder.examples'
import { runProgram } from '../program'
import { capturedTerminal } from '../testing/captured-terminal'

const base = await mkdtemp(join(tmpdir(), 'graft-doctor-verb-'))
const places = placesFrom(join(base, 'data'), join(base, 'cache'))
afterAll(() => rm(base, { recursive: true, force: true }))

test('diagnostics tell how runs failed without the names in it, and give the terminal no control characters', async () => {
  const failure = {
    code: 'STORAGE' as const,
    message: 'The disk is full: /media/usb/Backup of Lisa Miller/runs\u001b[2J.',
    detail: `ENOSPC: no space left on device, open '/media/usb/Backup of Lisa Miller'\nof Lisa Miller's disk\u001b[2J, 3 of 4\nand of Birds of Lisa.jpg`,
  }
  await mkdir(places.runs, { recursive: true })
  await RunFolder.create(join(places.runs, 'r1'), { record: { ...exampleRecord(), name: 'Lisa Miller', status: 'failed', failure }, config: runConfigSchema.parse({}), manifest: exampleManifest() })
  const terminal = capturedTerminal({ workingDirectory: base })
  const code = await runProgram(['doctor', '--diagnostics'], { terminal, version: '0.0.0', createStudio: () => createStudio({ door: 'served', roots: null, version: '0.0.0', places, installation: base }), logDirectory: () => base })
  expect(code).toBe(0)
  const lines = terminal.out().split('\n')
  expect(lines.slice(lines.indexOf('Last failures'))).toEqual([
    'Last failures',
    '  2026-01-01  efficientnet_lite0, failed, STORAGE: The disk is full: <path>',
    '      ENOSPC: no space left on device, open <path>',
    `      of <name>'s disk\\u001b[2J, 3 of 4`,
    '      <path>',
    '',
  ])
})
