/** What the studio remembers between starts. */
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import { settingsSchema } from '../../shared/domain/system'
import type { Settings } from '../../shared/domain/system'
import { readJsonFileIfThere, writeJsonFile } from '../storage/json-file'

const MAXIMUM_RECENT = 12

export class SettingsService {
  private queue: Promise<unknown> = Promise.resolve()

  /** @param noteRecent tells the system of a dataset too */
  constructor(
    private readonly path: string,
    private readonly noteRecent?: (root: string) => void,
  ) {}

  /** A damaged file counts as none: settings are not worth refusing to start for. */
  async get(): Promise<Settings> {
    try {
      return (await readJsonFileIfThere(this.path, settingsSchema)) ?? settingsSchema.parse({})
    } catch (error) {
      if (error instanceof GraftError && error.code === 'UNREADABLE') return settingsSchema.parse({})
      throw error
    }
  }

  update(patch: Partial<Settings>): Promise<Settings> {
    return this.change(() => patch)
  }

  /** Puts a dataset at the top of the recent ones. */
  rememberDataset(root: string, name: string): Promise<Settings> {
    this.noteRecent?.(root)
    return this.change(({ recentDatasets }) => ({
      recentDatasets: [{ root, name, openedAt: new Date().toISOString() }, ...recentDatasets.filter((recent) => recent.root !== root)].slice(0, MAXIMUM_RECENT),
    }))
  }

  private change(patchOf: (settings: Settings) => Partial<Settings>): Promise<Settings> {
    const result = this.queue.then(async () => {
      const settings = await this.get()
      const next = settingsSchema.parse({ ...settings, ...patchOf(settings) })
      await mkdir(dirname(this.path), { recursive: true })
      await writeJsonFile(this.path, settingsSchema, next)
      return next
    })
    this.queue = result.catch(() => undefined)
    return result
  }
}
