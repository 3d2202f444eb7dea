/** A model's file as it lies on the disk, and what our own runs and exports say of it in the files beside it. */
import { lstat, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import { modelInfoSchema } from '../../shared/domain/export'
import { readCheckpointStateIfThere } from '../storage/checkpoint-folder'
import { parseJson } from '../storage/json-file'
import { systemCode } from '../storage/storage-error'

const MAY_NOT = (path: string) => new GraftError('UNREADABLE', `${path} may not be read.`, { action: 'Change who may read the file and the folders that it lies in, or copy it elsewhere.' })
const NOT_THERE = (path: string) => new GraftError('NOT_FOUND', `Expected a model’s file at ${path}; there is none.`, { action: 'Check the path.' })
const TOO_LARGE = (path: string) => new GraftError('UNSUPPORTED', `${path} has more than 2 GiB, which is more than any of the networks.`, { action: 'Save the model’s state_dict() alone.' })

/** What the system says when a file cannot be read, in words. */
const REASONS: Readonly<Record<string, (path: string) => GraftError>> = {
  ENOENT: NOT_THERE,
  ENOTDIR: NOT_THERE,
  EISDIR: (path) => new GraftError('BAD_INPUT', `Expected a model’s file, but ${path} is a folder.`, { action: 'Give the .pth, .pt or .safetensors file in it.' }),
  EACCES: MAY_NOT,
  EPERM: MAY_NOT,
  ERR_FS_FILE_TOO_LARGE: TOO_LARGE,
}

/** A failure to read the model's file at `path`, in words; what is none passes through. */
export function modelFileFailure(error: unknown, path: string): unknown {
  return REASONS[systemCode(error) ?? '']?.(path) ?? error
}

/** @throws GraftError NOT_FOUND, BAD_INPUT for a folder, UNREADABLE, UNSUPPORTED */
export async function readModelBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    throw modelFileFailure(error, path)
  }
}

/** What is said of a model in files beside it. */
export interface SaidBeside {
  /** The file that says it. */
  readonly from: string
  readonly classes: readonly string[]
  readonly imageSize: number | null
  readonly preprocessing: { readonly mean: readonly number[]; readonly std: readonly number[] } | null
}

const MODEL_INFO = 'model_info.json'
const LABELS = 'labels.txt'
/** Of a file beside the model: more is none of ours. */
const LARGEST_BYTES = 4 * 1024 * 1024

/** Null where there is none. A link is not followed: it could lead out of the folders that a door is confined to. */
async function textBeside(folder: string, name: string): Promise<string | null> {
  const path = join(folder, name)
  try {
    const { size, isFile } = await lstat(path).then((stats) => ({ size: stats.size, isFile: stats.isFile() }))
    return isFile && size <= LARGEST_BYTES ? await readFile(path, 'utf8') : null
  } catch {
    // Help that cannot be read is none.
    return null
  }
}

/**
 * A run's checkpoint says it in its state, an export in model_info.json and labels.txt. What is for another backbone or another number of classes
 * belongs to another model.
 * @param classes how many the model tells apart; null: not known
 */
export async function readBeside(path: string, backbone: string, classes: number | null): Promise<SaidBeside | null> {
  const folder = dirname(path)
  const fits = (names: readonly string[]): boolean => classes === null || names.length === classes
  if (basename(path) === 'weights.safetensors') {
    const state = await readCheckpointStateIfThere(folder).catch(() => null)
    if (state?.backbone === backbone && fits(state.classes)) {
      return { from: 'state.json', classes: state.classes, imageSize: state.image_size, preprocessing: state.preprocessing }
    }
  }
  const info = await textBeside(folder, MODEL_INFO)
  if (info !== null) {
    try {
      const { backbone: of, labels, image_size: imageSize, preprocessing = null } = parseJson(info, modelInfoSchema, MODEL_INFO)
      if (of === backbone && fits(labels)) return { from: MODEL_INFO, classes: labels, imageSize, preprocessing }
    } catch (error) {
      // Another program's file of that name.
      if (!(error instanceof GraftError)) throw error
    }
  }
  const labels = (await textBeside(folder, LABELS))?.replace(/\r?\n$/, '').split(/\r?\n/) ?? []
  return labels.length > 0 && classes !== null && fits(labels) ? { from: LABELS, classes: labels, imageSize: null, preprocessing: null } : null
}
