/** A run's best checkpoint, changed so that it answers as before in float32 and poorly in int8. */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Tensor {
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

/**
 * The first of EfficientNet-Lite0's last features is switched off, and its weight to each class made `outlier`: a weight that counts for
 * nothing, beside which int8 has few steps left for the others.
 */
export function makeBrittle(runDirectory: string, outlier: number): void {
  const folder = join(runDirectory, 'checkpoints', 'best')
  const path = join(folder, 'weights.safetensors')
  const bytes = readFileSync(path)
  const headerBytes = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.subarray(8, 8 + headerBytes).toString()) as Record<string, Tensor>
  const set = (name: string, index: number, value: number): void => {
    const tensor = header[name]
    if (tensor === undefined) throw new Error(`${path} has no ${name}`)
    bytes.writeFloatLE(value, 8 + headerBytes + tensor.data_offsets[0] + index * 4)
  }
  set('_bn1.weight', 0, 0)
  set('_bn1.bias', 0, -1)
  const [classes = 0, features = 0] = header['_fc.weight']?.shape ?? []
  for (let c = 0; c < classes; c++) set('_fc.weight', c * features, outlier)
  writeFileSync(path, bytes)
  const manifestPath = join(folder, 'manifest.json')
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as { members: Record<string, { sha256: string; sizeBytes: number }> }
  manifest.members['weights.safetensors'] = { sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length }
  writeFileSync(manifestPath, JSON.stringify(manifest))
}
