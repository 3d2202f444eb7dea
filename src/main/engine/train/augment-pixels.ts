/**
 * The augmentation of `compile/augmentation.ts` on one picture, in loops of WebAssembly (augment-kernel.c): to 1e-6 what the graph gives, for about
 * a tenth of its processor time. As long as each level goes its own way, whatever is beside it, a table of 256 stands for the colours so far.
 */
import { type ExportedFunction, exportedFunction } from '../../../shared/exported-function'
import type { Jitter } from '../compile/augmentation'
import { AUGMENT_KERNEL } from './augment-kernel'

/** TensorFlow's graph optimiser divides by 255 so: a plain view and one that is not changed are the same to the bit. */
const UNIT = Math.fround(1 / 255)

/** What is done to one picture; parts that are null or empty are skipped. */
export interface PictureAmounts {
  /** [8], output → input, of which the last two are 0: as ImageProjectiveTransformV3 takes an affine map. */
  readonly transform: Float32Array | null
  /** Changes the moved picture, uint8 [side, side, 3], in place. */
  readonly change: ((pixels: Uint8Array) => void) | null
  /** In the order they are applied. */
  readonly jitters: readonly { readonly jitter: Jitter; readonly amount: number }[]
  /** First row, first column, and those after the last, all 0 for none. */
  readonly erased: ArrayLike<number> | null
  readonly erasingColour: readonly number[]
}

/** The functions of augment-kernel.c. */
interface Kernel {
  readonly memory: WebAssembly.Memory
  readonly move: ExportedFunction
  readonly greyOfLevels: ExportedFunction
  readonly greyOf: ExportedFunction
  readonly look: ExportedFunction
  readonly scale: ExportedFunction
  readonly saturate: ExportedFunction
  readonly saturateLevels: ExportedFunction
  readonly turnHue: ExportedFunction
}

/** Where in the kernel's memory what has to do with a picture lies. */
interface Scratch {
  readonly side: number
  readonly source: Uint8Array
  readonly moved: Uint8Array
  readonly made: Float32Array
  readonly levels: Float64Array
  readonly transform: Float32Array
  readonly across: number
  readonly down: number
}

const PAGE_BYTES = 65536
/** The kernel works on whole vectors and pairs of pixels and so passes the ends of what it is given. */
const SPARE_BYTES = 32

/** Of this thread. Its memory is that of the largest picture so far: nine times its bytes and little else. */
let kept: Kernel | null = null
let scratch: Scratch | null = null

function openKernel(): Kernel {
  const memory = new WebAssembly.Memory({ initial: 16 })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(AUGMENT_KERNEL), { env: { memory } })
  const named = (name: string) => exportedFunction(exports, name)
  const [greyOfLevels, greyOf] = [named('greyOfLevels'), named('greyOf')]
  const [saturate, saturateLevels] = [named('saturate'), named('saturateLevels')]
  return { memory, move: named('move'), greyOfLevels, greyOf, look: named('look'), scale: named('scale'), saturate, saturateLevels, turnHue: named('turnHue') }
}

function scratchFor(memory: WebAssembly.Memory, side: number): Scratch {
  const size = side * side * 3
  let end = 0
  const take = (bytes: number) => {
    const start = end
    end = Math.ceil((start + bytes + SPARE_BYTES) / 16) * 16
    return start
  }
  const [levels, transform, across, down] = [take(8 * 256), take(4 * 8), take(4 * side), take(4 * side)]
  const [source, moved, made] = [take(size), take(size), take(4 * size)]
  const missingBytes = end - memory.buffer.byteLength
  if (missingBytes > 0) memory.grow(Math.ceil(missingBytes / PAGE_BYTES))
  const { buffer } = memory
  // What lies outside a picture is the pixel after its last.
  new Uint8Array(buffer, source + size, SPARE_BYTES).fill(0)
  return {
    side,
    source: new Uint8Array(buffer, source, size),
    moved: new Uint8Array(buffer, moved, size),
    made: new Float32Array(buffer, made, size),
    levels: new Float64Array(buffer, levels, 256),
    transform: new Float32Array(buffer, transform, 8),
    across,
    down,
  }
}

/**
 * Augments one picture: `pixels` uint8 [side, side, 3] → `out` float32 [side, side, 3] in 0…1. `pixels` is left as it is. What comes out
 * depends on nothing else.
 */
export function augmentPicture(pixels: Uint8Array, side: number, amounts: PictureAmounts, out: Float32Array): void {
  const kernel = (kept ??= openKernel())
  if (scratch?.side !== side) scratch = scratchFor(kernel.memory, side)
  const { source, moved, made, levels, transform, across, down } = scratch
  const count = side * side
  source.set(pixels)
  let from = source
  if (amounts.transform !== null && moves(amounts.transform)) {
    transform.set(amounts.transform)
    kernel.move(source.byteOffset, side, transform.byteOffset, across, down, moved.byteOffset)
    from = moved
  }
  amounts.change?.(from)
  const byTable = colourLevels(levels, amounts.jitters, from === moved && amounts.change === null, () => kernel.greyOfLevels(from.byteOffset, levels.byteOffset, count) / count)
  const [first, ...others] = amounts.jitters.slice(byTable)
  const saturatesFirst = first?.jitter === 'saturation'
  if (saturatesFirst) kernel.saturateLevels(from.byteOffset, levels.byteOffset, count, made.byteOffset, first.amount)
  else kernel.look(from.byteOffset, levels.byteOffset, count, made.byteOffset)
  for (const { jitter, amount } of saturatesFirst || first === undefined ? others : [first, ...others]) {
    if (jitter === 'brightness') kernel.scale(made.byteOffset, count, amount, 0)
    else if (jitter === 'contrast') kernel.scale(made.byteOffset, count, amount, (1 - amount) * (kernel.greyOf(made.byteOffset, count) / count))
    else if (jitter === 'saturation') kernel.saturate(made.byteOffset, count, amount)
    else kernel.turnHue(made.byteOffset, count, amount)
  }
  out.set(made)
  if (amounts.erased !== null) cover(out, side, amounts.erased, amounts.erasingColour)
}

/**
 * Writes what becomes of each level by the first steps, as far as they ask for nothing but a level, and says how many they are.
 *
 * @param isMoved the contrast of a moved picture, and what follows it, is rounded to float32 at each step, that of others at last: so have all
 * runs been made, and what they keep of views stays true
 */
function colourLevels(levels: Float64Array, steps: PictureAmounts['jitters'], isMoved: boolean, meanGrey: () => number): number {
  for (let level = 0; level < 256; level++) levels[level] = Math.fround(level * UNIT)
  let isRounded = false
  let done = 0
  for (const { jitter, amount } of steps) {
    if (jitter !== 'brightness' && jitter !== 'contrast') break
    if (jitter === 'contrast' && isMoved) {
      isRounded = true
      round(levels)
    }
    const offset = jitter === 'contrast' ? (1 - amount) * meanGrey() : 0
    for (let i = 0; i < 256; i++) {
      const value = amount * (levels[i] as number) + offset
      levels[i] = isRounded ? Math.fround(held(value)) : Math.min(1, Math.max(0, value))
    }
    done++
  }
  round(levels)
  return done
}

/** x held to 0…1 as the kernel does it, which is off by 1e-16. */
const held = (x: number) => 0.5 * (Math.abs(x) - Math.abs(x - 1) + 1)

function round(levels: Float64Array): void {
  for (let i = 0; i < 256; i++) levels[i] = Math.fround(levels[i] as number)
}

const STILL = [1, 0, 0, 0, 1, 0]
const moves = (transform: Float32Array) => STILL.some((value, i) => transform[i] !== value)

function cover(out: Float32Array, side: number, box: ArrayLike<number>, colour: readonly number[]): void {
  const [top = 0, left = 0, bottom = 0, right = 0] = Array.from(box)
  for (let row = top; row < bottom; row++) {
    for (let i = 3 * (row * side + left); i < 3 * (row * side + right); i++) out[i] = colour[i % 3] ?? 0
  }
}
