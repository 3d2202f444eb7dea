// Our side of bench/parts/pictures.mjs: seconds from picture files to all batches, through the picture cache. Loaded by Vite, so that it may import the program's own sources.
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import sharp from 'sharp'
import { PictureCache } from '../../src/main/dataset/picture-cache'
import { scanDataset } from '../../src/main/dataset/scan'
import { readPictures } from '../../src/main/engine/train/picture-source'
import { availableCoresSync } from '../../src/main/trainer/available-cores'

/** Large photographs, by enlarging `count` of the folder's: uint8 4000 × 3000 JPEG. */
export async function enlarge({ from, to, count }) {
  const names = readdirSync(from, { recursive: true }).filter((name) => name.endsWith('.jpg')).sort()
  const step = Math.max(1, Math.floor(names.length / count))
  const chosen = names.filter((_, index) => index % step === 0).slice(0, count)
  for (const [index, name] of chosen.entries()) await sharp(join(from, name)).resize(4000, 3000, { fit: 'fill' }).jpeg({ quality: 90 }).toFile(join(to, index % 2 === 0 ? 'a' : 'b', `${index}.jpg`))
  return { count: chosen.length }
}

/** The manifest's entries, so that what is timed begins where a run's preparation does; as a run, which has scanned before. */
export async function scan({ folder, file }) {
  const { pictures, root } = await scanDataset(folder)
  writeFileSync(file, JSON.stringify({ root, pictures }))
  return { count: pictures.length }
}

const PASSES = 3

/** One pass from picture files to all batches. Its seconds leave out the hashing of what came. */
async function onePass({ root, pictures, directory, side, batch, memoryBytes, workers }, room) {
  let bytes = 0
  const setAside = []
  const hashes = createHash('sha256')
  let hashMs = 0
  let hashCpuMs = 0
  const startedAt = performance.now()
  const busyBefore = performance.eventLoopUtilization()
  const cpuBefore = process.cpuUsage()
  const store = await new PictureCache({ directory }).load(pictures, side, { root, workers, memoryBytes, onSetAside: (picture) => setAside.push(picture) })
  const loadedAt = performance.now()
  const source = { read: (index, out, offset) => store.read(index, out, offset) }
  for (let first = 0; first < pictures.length; first += batch) {
    const indices = pictures.slice(first, first + batch).map((_, row) => first + row).filter((index) => store.has(index))
    const { data } = await readPictures(source, indices, side, null, room.subarray(0, indices.length * side * side * 3))
    bytes += data.length
    const hashedAt = performance.now()
    const hashCpuBefore = process.cpuUsage()
    hashes.update(data)
    hashMs += performance.now() - hashedAt
    hashCpuMs += processorMs(process.cpuUsage(hashCpuBefore))
  }
  const seconds = (performance.now() - startedAt - hashMs) / 1000
  const busyMs = performance.eventLoopUtilization(busyBefore).active - hashMs
  const count = bytes / (side * side * 3)
  return {
    pictures: count,
    set_aside: setAside.length,
    per_second: count / seconds,
    seconds,
    load_s: (loadedAt - startedAt) / 1000,
    main_thread_ms_a_picture: busyMs / count,
    processor_ms_a_picture: (processorMs(process.cpuUsage(cpuBefore)) - hashCpuMs) / count,
    sha256: hashes.digest('hex').slice(0, 16),
  }
}

const processorMs = ({ user, system }) => (user + system) / 1000

/**
 * The fastest of three passes, as of the peer: each with a store and threads of its own, and with an empty cache folder beside the first where that one began with
 * one. No folder is deleted here: a file system that goes round the places of files just deleted (ext4) makes new ones at a third of its speed.
 *
 * @param {{ manifest: string, directory: string, side: number, batch: number }} question `directory` is the cache's, empty for the cold measurement
 */
export async function timePictures({ manifest, directory, side = 224, batch = 32, memoryBytes, workers = availableCoresSync() * 2, passes = PASSES }) {
  const { root, pictures } = JSON.parse(readFileSync(manifest, 'utf8'))
  for (const { path } of pictures) readFileSync(join(root, path))
  const isCold = readdirSync(directory).length === 0
  // As in a run, whose batches are made in memory that goes round.
  const room = new Uint8Array(batch * side * side * 3)
  const taken = []
  for (let pass = 0; pass < passes; pass++) {
    const own = isCold && pass > 0 ? mkdtempSync(`${directory}-`) : directory
    taken.push(await onePass({ root, pictures, directory: own, side, batch, memoryBytes, workers }, room))
  }
  const fastest = taken.reduce((a, b) => (b.per_second > a.per_second ? b : a))
  return {
    ...fastest,
    first_per_second: taken[0].per_second,
    set_aside: Math.max(...taken.map((pass) => pass.set_aside)),
    sha256: [...new Set(taken.map((pass) => pass.sha256))].join(' '),
    cache_mb: readdirSync(directory, { recursive: true }).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0) / 1e6,
    rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  }
}
