/**
 * What the frozen prefix gave for every picture and view, so that it is never computed twice. Kept in memory up to a budget,
 * beyond it in files that go when the store is closed.
 */
import { randomUUID } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

type Kept = { kind: 'memory'; data: Float32Array } | { kind: 'file'; descriptor: number; path: string }

export class FeatureStore {
  private readonly views = new Map<string, Kept>()
  /** Everything opened, whether its view was completed or not. */
  private readonly files: Extract<Kept, { kind: 'file' }>[] = []
  private usedBytes = 0

  /** `size`: float32 numbers of one picture. */
  constructor(
    readonly size: number,
    private readonly options: { memoryBudgetBytes: number; directory: string },
  ) {}

  has(view: string): boolean {
    return this.views.has(view)
  }

  /** Room for `count` pictures; fill it with `write`, in any order. */
  add(view: string, count: number): { write(first: number, features: Float32Array): void; done(): void } {
    const bytes = 4 * count * this.size
    let kept: Kept
    if (this.usedBytes + bytes <= this.options.memoryBudgetBytes) {
      kept = { kind: 'memory', data: new Float32Array(count * this.size) }
      this.usedBytes += bytes
    } else {
      mkdirSync(this.options.directory, { recursive: true })
      const path = join(this.options.directory, `features-${randomUUID()}.f32`)
      kept = { kind: 'file', descriptor: openSync(path, 'wx+'), path }
      this.files.push(kept)
      // An open file without a name goes with its process, even one that is killed. Windows keeps the name until `close`.
      if (process.platform !== 'win32') rmSync(path)
    }
    return {
      write: (first, features) => {
        if (kept.kind === 'memory') kept.data.set(features, first * this.size)
        else writeAll(kept.descriptor, features, 4 * first * this.size)
      },
      done: () => this.views.set(view, kept),
    }
  }

  /** Features of the pictures named, one row each. */
  rows(view: string, indices: readonly number[]): Float32Array {
    const kept = this.views.get(view)
    if (kept === undefined) throw new Error(`No features of view ${view} are kept`)
    const result = new Float32Array(indices.length * this.size)
    indices.forEach((index, row) => {
      if (kept.kind === 'memory') result.set(kept.data.subarray(index * this.size, (index + 1) * this.size), row * this.size)
      else readAll(kept.descriptor, result.subarray(row * this.size, (row + 1) * this.size), 4 * index * this.size)
    })
    return result
  }

  close(): void {
    for (const { descriptor, path } of this.files.splice(0)) {
      closeSync(descriptor)
      rmSync(path, { force: true })
    }
    this.views.clear()
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
