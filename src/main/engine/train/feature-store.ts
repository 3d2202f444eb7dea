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

  /** Room for `count` pictures; fill it with `write`, in any order. */
  add(view: string, count: number): { write(first: number, features: Float32Array): void; done(): void } {
    const memory = this.inMemory(count)
    const kept = this.opened(this.options.kept?.create(view) ?? null)
    if (memory !== null) {
      return {
        write: (first, features) => {
          memory.set(features, first * this.size)
          kept?.write(first, features)
        },
        done: () => {
          kept?.publish()
          if (kept !== null) this.close1(kept)
          this.views.set(view, memory)
        },
      }
    }
    let rows: NewRows = kept ?? this.unnamedFile()
    return {
      write: (first, features) => {
        if (rows.write(first, features)) return
        const instead = this.unnamedFile()
        this.copy(rows, instead, first)
        this.close1(rows)
        rows = instead
        rows.write(first, features)
      },
      done: () => {
        rows.publish()
        this.views.set(view, rows)
      },
    }
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
    for (const file of [...this.files]) this.close1(file)
    this.views.clear()
  }
}
