/** Published weights: which there are, which are here, and fetching one when somebody asks for it. Nothing else goes out. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import type { WeightsFile } from '../../shared/domain/model'
import type { Backbone } from '../engine/zoo/backbone'
import { BACKBONES } from '../engine/zoo/registry'
import type { WeightsRow } from '../engine/zoo/weights-rows'
import { weightsDirectory } from '../storage/paths'
import { download, type DownloadOptions, type DownloadProgress, isFetchable, partPath } from './download'
import type { Places } from './places'
import { progressStream, type ProgressStream } from './progress-stream'
import type { Environment } from './proxy'

/** What this service has to know of a backbone. */
export type WeightsOwner = Pick<Backbone, 'name' | 'title' | 'weights'>

export interface WeightsOptions {
  /** For tests: rows whose hashes are those of files that a test can make. */
  backbones?: readonly WeightsOwner[] | undefined
  environment?: Environment | undefined
  timing?: DownloadOptions['timing']
}

const PHASES: Readonly<Record<DownloadProgress['phase'], string>> = {
  waiting: 'Waiting for another download of the same file',
  fetching: 'Fetching',
  retrying: 'The connection broke; trying again',
  checking: 'Checking',
}

/**
 * Where a file of weights is fetched from; null where it cannot be. GRAFT_WEIGHTS_URL names a mirror: a folder that holds
 * the files under their names. A mirror also has those that set-up brings.
 * @throws GraftError BAD_INPUT where the variable holds no such address
 */
export function weightsAddress(row: Pick<WeightsRow, 'fileName' | 'url'>, environment: Environment): URL | null {
  const mirror = environment['GRAFT_WEIGHTS_URL']
  if (!mirror) return row.url === null ? null : new URL(row.url)
  const base = URL.canParse(mirror) ? new URL(mirror) : null
  if (base === null || !isFetchable(base) || base.username !== '' || base.password !== '') {
    throw new GraftError('BAD_INPUT', 'GRAFT_WEIGHTS_URL was expected to hold an https address without name and password (http only for this machine itself), but something else came.', {
      action: 'Correct the variable, for example https://mirror.lab/weights/, or take it away, and start Graft again.',
    })
  }
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  base.search = ''
  base.hash = ''
  return new URL(encodeURIComponent(row.fileName), base)
}

export class WeightsService {
  private readonly backbones: readonly WeightsOwner[]
  private readonly environment: Environment
  private readonly directory: string

  constructor(
    places: Pick<Places, 'cache'>,
    private readonly options: WeightsOptions = {},
  ) {
    this.backbones = options.backbones ?? BACKBONES
    this.environment = options.environment ?? process.env
    this.directory = weightsDirectory(places.cache)
  }

  /** All published weights, backbone by backbone, oldest generation first. */
  async list(): Promise<{ directory: string; files: WeightsFile[] }> {
    const rows = this.backbones.flatMap((backbone) => backbone.weights.map((row) => this.describe(backbone, row)))
    return { directory: this.directory, files: await Promise.all(rows) }
  }

  /** The file that a backbone's `weights` means; null where it means none or a file of one's own. @throws GraftError NOT_FOUND */
  async find(backbone: string, weights: string): Promise<WeightsFile | null> {
    const owner = this.owner(backbone)
    const row = weights === 'imagenet' ? owner.weights.at(-1) : owner.weights.find(({ name }) => name === weights)
    return row === undefined ? null : this.describe(owner, row)
  }

  /**
   * Fetches a file, checks it and puts it where runs look for it. A file of that name that is not the published one is replaced.
   * @param input `name` null: the newest generation
   * @throws in the stream GraftError NOT_FOUND, UNSUPPORTED, NETWORK, MISMATCH, STORAGE; leaving the stream keeps what has come
   */
  fetch(input: { backbone: string; name: string | null }, signal?: AbortSignal): ProgressStream<WeightsFile> {
    return progressStream(async (report, inner) => {
      const owner = this.owner(input.backbone)
      const row = this.row(owner, input.name)
      const url = weightsAddress(row, this.environment)
      if (url === null) {
        throw new GraftError('UNSUPPORTED', `The ${owner.title} weights ${row.name} are not fetched from a publisher: they come with Graft's set-up.`, {
          action: `Run npm start once, which brings them, or put ${row.fileName} into ${this.directory}.`,
        })
      }
      const path = join(this.directory, row.fileName)
      const byHand = `By hand: download ${url.href} in any way and put it at ${path}.`
      await download(
        { url, path, sha256Prefix: row.sha256Prefix, sizeBytes: row.sizeBytes, byHand },
        {
          signal: inner,
          environment: this.environment,
          timing: this.options.timing,
          onProgress: ({ phase, doneBytes, totalBytes }) => report(doneBytes, totalBytes, PHASES[phase]),
        },
      )
      return this.describe(owner, row)
    }, signal)
  }

  private owner(name: string): WeightsOwner {
    const found = this.backbones.find((backbone) => backbone.name === name)
    if (found !== undefined) return found
    const names = this.backbones.map((backbone) => backbone.name).join(', ')
    throw new GraftError('NOT_FOUND', `There is no backbone "${name}"; there are ${names}.`, { action: 'Choose one of them.' })
  }

  private row(owner: WeightsOwner, name: string | null): WeightsRow {
    const row = name === null || name === 'imagenet' ? owner.weights.at(-1) : owner.weights.find((candidate) => candidate.name === name)
    if (row !== undefined) return row
    const names = owner.weights.map((candidate) => candidate.name).join(', ')
    throw new GraftError('NOT_FOUND', `${owner.title} has no published weights "${name ?? ''}"; it has ${names}.`, { action: 'Choose one of them.' })
  }

  private async describe(owner: WeightsOwner, row: WeightsRow): Promise<WeightsFile> {
    const path = join(this.directory, row.fileName)
    const sizeBytes = await fileBytes(path)
    const { name, fileName, licence, top1 } = row
    return {
      backbone: owner.name,
      title: owner.title,
      name,
      fileName,
      licence,
      top1,
      isDefault: row === owner.weights.at(-1),
      isPresent: sizeBytes !== null,
      path,
      // An address that is wrong is said only to those who need one.
      url: sizeBytes === null ? (weightsAddress(row, this.environment)?.href ?? null) : row.url,
      sizeBytes: sizeBytes ?? row.sizeBytes,
      partBytes: sizeBytes === null ? ((await fileBytes(partPath(path))) ?? 0) : 0,
    }
  }
}

async function fileBytes(path: string): Promise<number | null> {
  return stat(path).then(
    (found) => (found.isFile() ? found.size : null),
    () => null,
  )
}
