/**
 * What the frozen prefix gave for every picture and view, so that it is never computed twice. Kept in memory up to a budget,
 * beyond it in files that go when the store is closed, or in those that are kept for later runs.
 */
import { randomUUID } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Rows in a file. */
interface StoredRows {
  /** Rows from `first` on, as many as `out` takes. */
  read(first: number, out: Float32Array): void
  close(): void
}

/** Rows of a view that is being computed, in a file that is kept for later runs once it is whole. */
interface NewRows extends StoredRows {
  /** False where it could not be written; nothing of it will be kept. */
  write(first: number, features: Float32Array): boolean
  publish(): void
}

/** Features of the same pictures that outlive the run, where the disk takes them. What a disk refuses is not thrown. */
export interface KeptViews {
  readonly count: number
  /** A whole view of an earlier run or stage; null where there is none. */
  open(view: string): StoredRows | null
  /** A place for a view that is about to be computed; null where it cannot be kept. */
  create(view: string): NewRows | null
}

export interface FeatureStoreOptions {
  readonly memoryBudgetBytes: number
  /** For what memory does not hold. */
  readonly directory: string
  readonly kept?: KeptViews | undefined
}

/** Rows that are copied at once. */
const COPIED_ROWS = 256

export class FeatureStore {
  private readonly views = new Map<string, Float32Array | StoredRows>()
  /** Everything opened, whether its view was completed or not. */
  private readonly files = new Set<StoredRows>()
  /** What was being kept and could be read no more: computed again, not kept again. */
  private readonly lost = new Set<string>()
  private usedBytes = 0

  /** `size`: float32 numbers of one picture. */
  constructor(
    readonly size: number,
    private readonly options: FeatureStoreOptions,
  ) {}

  /** True once a view is here: added, or taken from what is kept of an earlier run. */
  has(view: string): boolean {
    return this.views.has(view) || this.takeKept(view)
  }

  /** Room for `count` pictures; fill it with `write`, in any order. Where that gives false all that was written is lost: `add` the view again. */
  add(view: string, count: number): { write(first: number, features: Float32Array): boolean; done(): void } {
    const kept = this.lost.has(view) ? null : this.opened(this.options.kept?.create(view) ?? null)
    const memory = this.inMemory(count)
    return memory === null ? this.addToFile(view, kept ?? this.unnamedFile()) : this.addToMemory(view, memory, kept)
  }

  /** Features of the pictures named, one row each. */
  rows(view: string, indices: readonly number[]): Float32Array {
    const kept = this.views.get(view)
    if (kept === undefined) throw new Error(`No features of view ${view} are kept`)
    const result = new Float32Array(indices.length * this.size)
    indices.forEach((index, row) => {
      const out = result.subarray(row * this.size, (row + 1) * this.size)
      if (kept instanceof Float32Array) out.set(kept.subarray(index * this.size, (index + 1) * this.size))
      else kept.read(index, out)
    })
    return result
  }

  close(): void {
    for (const file of [...this.files]) this.closeOne(file)
    this.views.clear()
  }

  private takeKept(view: string): boolean {
    const { kept } = this.options
    const file = this.opened(kept?.open(view) ?? null)
    if (kept === undefined || file === null) return false
    const memory = this.inMemory(kept.count)
    if (memory !== null) {
      file.read(0, memory)
      this.closeOne(file)
    }
    this.views.set(view, memory ?? file)
    return true
  }

  private addToMemory(view: string, memory: Float32Array, place: NewRows | null) {
    let kept = place
    return {
      write: (first: number, features: Float32Array) => {
        memory.set(features, first * this.size)
        if (kept?.write(first, features) === false) {
          // A full disk has its room back at once.
          this.closeOne(kept)
          kept = null
        }
        return true
      },
      done: () => {
        kept?.publish()
        this.closeOne(kept)
        this.views.set(view, memory)
      },
    }
  }

  private addToFile(view: string, place: NewRows) {
    let rows = place
    let written = 0
    return {
      write: (first: number, features: Float32Array) => {
        if (!rows.write(first, features)) {
          const instead = this.unnamedFile()
          const isCopied = this.copy(rows, instead, written)
          this.closeOne(rows)
          if (!isCopied) {
            this.closeOne(instead)
            this.lost.add(view)
            return false
          }
          rows = instead
          rows.write(first, features)
        }
        written = Math.max(written, first + features.length / this.size)
        return true
      },
      done: () => {
        rows.publish()
        this.views.set(view, rows)
      },
    }
  }

  /** Null where the budget does not allow it. */
  private inMemory(count: number): Float32Array | null {
    const bytes = 4 * count * this.size
    if (this.usedBytes + bytes > this.options.memoryBudgetBytes) return null
    this.usedBytes += bytes
    return new Float32Array(count * this.size)
  }

  private opened<T extends StoredRows>(file: T | null): T | null {
    if (file !== null) this.files.add(file)
    return file
  }

  private closeOne(file: StoredRows | null): void {
    if (file !== null && this.files.delete(file)) file.close()
  }

  /** False where one of the two files does not allow it: a network's disk that has forgotten the one, a full one that has no room for both. */
  private copy(from: StoredRows, to: NewRows, count: number): boolean {
    try {
      for (let first = 0; first < count; first += COPIED_ROWS) {
        const part = new Float32Array(Math.min(COPIED_ROWS, count - first) * this.size)
        from.read(first, part)
        to.write(first, part)
      }
      return true
    } catch {
      return false
    }
  }

  private unnamedFile(): NewRows {
    const file = openUnnamed(this.options.directory, this.size)
    this.files.add(file)
    return file
  }
}

/** A file that goes with its process. Where the folder cannot be written it lies among the system's temporary ones. */
function openUnnamed(directory: string, size: number): NewRows {
  const name = `features-${randomUUID()}.f32`
  let path = join(directory, name)
  let descriptor: number
  try {
    mkdirSync(directory, { recursive: true })
    descriptor = openSync(path, 'wx+')
  } catch {
    path = join(tmpdir(), name)
    descriptor = openSync(path, 'wx+')
  }
  // An open file without a name goes with its process, even one that is killed. Windows keeps the name until `close`.
  if (process.platform !== 'win32') rmSync(path)
  return {
    read: (first, out) => readAll(descriptor, out, 4 * first * size),
    write: (first, features) => {
      writeAll(descriptor, features, 4 * first * size)
      return true
    },
    publish: () => undefined,
    close: () => {
      closeSync(descriptor)
      rmSync(path, { force: true })
    },
  }
}

const bytesOf = (data: Float32Array) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

function writeAll(descriptor: number, data: Float32Array, position: number): void {
  const bytes = bytesOf(data)
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done, position + done)
}

function readAll(descriptor: number, data: Float32Array, position: number): void {
  const bytes = bytesOf(data)
  for (let done = 0; done < bytes.length; ) {
    const got = readSync(descriptor, bytes, done, bytes.length - done, position + done)
    if (got === 0) throw new Error('The file of kept features ended early')
    done += got
  }
}
