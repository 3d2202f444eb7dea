/** Draws one leaf photograph as SVG: a leaf in some state of health, on some ground, in some light. */
import type { KeyedRandom } from '../../shared/domain/random'

export const SAMPLE_CLASSES = ['healthy', 'spotted', 'wilted'] as const
export type SampleClass = (typeof SAMPLE_CLASSES)[number]

export const SAMPLE_WIDTH = 320
export const SAMPLE_HEIGHT = 240

interface Point {
  x: number
  y: number
}

/** Half-widths along the midrib, as a share of the length; t runs from the stalk (0) to the tip (1). */
const SHAPES: readonly ((t: number) => number)[] = [
  (t) => 0.27 * Math.sin(Math.PI * t ** 0.8) ** 0.9,
  (t) => 0.36 * Math.sin(Math.PI * t ** 0.62) ** 0.85,
  (t) => 0.17 * Math.sin(Math.PI * t ** 0.9) ** 0.8,
  (t) => 0.4 * Math.sin(Math.PI * t ** 0.5) ** 0.8,
  (t) => 0.3 * Math.sin(Math.PI * t ** 0.75) * (0.86 + 0.14 * Math.cos(t * 22)),
  (t) => 0.29 * Math.sin(Math.PI * t ** 0.7) ** 0.9 * (1 + 0.07 * (2 * ((t * 16) % 1) - 1)),
]

function hsl(hue: number, saturation: number, lightness: number, alpha = 1): string {
  const colour = [
    hue.toFixed(1),
    `${Math.max(0, Math.min(100, saturation)).toFixed(1)}%`,
    `${Math.max(0, Math.min(100, lightness)).toFixed(1)}%`,
  ].join(',')
  return alpha === 1 ? `hsl(${colour})` : `hsla(${colour},${alpha.toFixed(3)})`
}

function path(points: readonly Point[], close: boolean): string {
  return `M${points.map((point) => `${point.x.toFixed(2)} ${point.y.toFixed(2)}`).join('L')}${close ? 'Z' : ''}`
}

const STEPS = 60

/** A leaf's outline and midrib in the picture's coordinates (pixels). */
interface Leaf {
  midrib: Point[]
  left: Point[]
  right: Point[]
  length: number
  /** A place on the leaf: along the midrib 0…1, across -1 (left edge) … 1. */
  at: (along: number, across: number) => Point
}

interface LeafOptions {
  base: Point
  /** Direction of the stalk's end (radians). */
  angle: number
  length: number
  shape: (t: number) => number
  /** How far the midrib turns from stalk to tip (radians). */
  bend: number
  /** 0 flat … 1 crumpled: narrower, with wavy edges. */
  crumple: number
  /** Width of the right half against the left: the leaf is seen from the side. */
  tilt: number
  wavePhase: number
}

function makeLeaf(options: LeafOptions): Leaf {
  const { base, angle, length, shape, bend, crumple, tilt, wavePhase } = options
  const midrib: Point[] = []
  const normals: Point[] = []
  const position = { ...base }
  for (let step = 0; step <= STEPS; step++) {
    const t = step / STEPS
    const direction = angle + bend * t ** 1.4
    midrib.push({ ...position })
    normals.push({ x: -Math.sin(direction), y: Math.cos(direction) })
    position.x += (Math.cos(direction) * length) / STEPS
    position.y += (Math.sin(direction) * length) / STEPS
  }
  const halfWidth = (t: number, side: number): number => {
    const wave = 1 + crumple * 0.3 * Math.sin(t * 19 + wavePhase * side) + crumple * 0.14 * Math.sin(t * 43 + wavePhase * 2)
    return length * Math.max(0, shape(t)) * (1 - 0.42 * crumple) * wave * (side > 0 ? tilt : 1)
  }
  const at = (along: number, across: number): Point => {
    const index = Math.max(0, Math.min(STEPS, Math.round(along * STEPS)))
    const mid = midrib[index] ?? base
    const normal = normals[index] ?? { x: 0, y: 1 }
    const reach = halfWidth(index / STEPS, across < 0 ? -1 : 1) * across
    return { x: mid.x + normal.x * reach, y: mid.y + normal.y * reach }
  }
  const edge = (side: number): Point[] => Array.from({ length: STEPS + 1 }, (_, step) => at(step / STEPS, side))
  return { midrib, left: edge(-1), right: edge(1), length, at }
}

function outline(leaf: Leaf): string {
  return path([...leaf.left, ...[...leaf.right].reverse()], true)
}

type Ground = (random: KeyedRandom) => string

function fill(colour: string, extra = ''): string {
  return `<rect width="${SAMPLE_WIDTH}" height="${SAMPLE_HEIGHT}" fill="${colour}" ${extra}/>`
}

/** Natural unevenness: coloured turbulence laid over the ground. */
function texture(random: KeyedRandom, frequency: string, strength: number): string {
  const id = `t${random.below(1e9)}`
  const matrix = '0.33 0.33 0.33 0 0  0.33 0.33 0.33 0 0  0.33 0.33 0.33 0 0  0 0 0 0 1'
  return `<filter id="${id}" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise"
baseFrequency="${frequency}" numOctaves="3" seed="${random.below(10_000)}"/>
<feColorMatrix values="${matrix}"/><feComponentTransfer><feFuncR type="linear" slope="2.6" intercept="-0.8"/><feFuncG
type="linear" slope="2.6" intercept="-0.8"/><feFuncB type="linear" slope="2.6" intercept="-0.8"/></feComponentTransfer></filter>
<rect width="${SAMPLE_WIDTH}" height="${SAMPLE_HEIGHT}" filter="url(#${id})" opacity="${strength}" style="mix-blend-mode:soft-light"/>`
}

const GROUNDS: readonly Ground[] = [
  // Soil with crumbs and pebbles.
  (random) => {
    const hue = random.between(18, 38)
    let crumbs = ''
    for (let i = 0; i < 90; i++) {
      const r = random.between(0.8, 5)
      crumbs += `<ellipse cx="${random.between(0, SAMPLE_WIDTH).toFixed(1)}"
cy="${random.between(0, SAMPLE_HEIGHT).toFixed(1)}" rx="${r.toFixed(1)}" ry="${(r * random.between(0.5, 1)).toFixed(1)}"
fill="${hsl(hue + random.between(-8, 8), random.between(12, 34), random.between(12, 46))}" opacity="0.75"/>`
    }
    return fill(hsl(hue, random.between(22, 40), random.between(20, 36))) + crumbs + texture(random, '0.09', 0.9)
  },
  // A lawn out of focus.
  (random) => {
    const hue = random.between(72, 125)
    let blades = ''
    for (let i = 0; i < 130; i++) {
      const x = random.between(-20, SAMPLE_WIDTH)
      const y = random.between(0, SAMPLE_HEIGHT + 40)
      const lean = random.between(-26, 26)
      blades += `<path d="M${x.toFixed(0)} ${y.toFixed(0)}q${(lean / 3).toFixed(0)} -30 ${lean.toFixed(0)} ${random.between(-75, -35).toFixed(0)}" stroke="${hsl(hue + random.between(-16, 14), random.between(25, 60), random.between(15, 52))}" stroke-width="${random.between(1.5, 5).toFixed(1)}" fill="none" stroke-linecap="round"/>`
    }
    return fill(hsl(hue, 35, random.between(16, 30))) + `<g filter="url(#far)">${blades}</g>`
  },
  // Stone or concrete.
  (random) =>
    fill(hsl(random.between(20, 220), random.between(2, 12), random.between(40, 74))) +
    texture(random, '0.035', 0.8) +
    texture(random, '0.6', 0.5),
  // A wooden table.
  (random) => {
    const hue = random.between(20, 36)
    const light = random.between(28, 58)
    let boards = ''
    for (let y = random.between(-40, 0); y < SAMPLE_HEIGHT; y += random.between(48, 95)) {
      boards += `<rect x="-60" y="${y.toFixed(0)}" width="460"
height="100" fill="${hsl(hue + random.between(-4, 4), random.between(26, 45), light + random.between(-7, 7))}"/><rect
x="-60" y="${y.toFixed(0)}" width="460" height="1.6" fill="${hsl(hue, 30, light * 0.4)}"/>`
    }
    return (
      `<g transform="rotate(${random.between(-25, 25).toFixed(1)} 160 120) scale(1.25) translate(-32 -24)">${boards}</g>` +
      texture(random, '0.008 0.16', 0.9)
    )
  },
  // Foliage far behind, as discs of light.
  (random) => {
    const hue = random.between(60, 190)
    let discs = ''
    for (let i = 0; i < 34; i++) {
      discs += `<circle cx="${random.between(0, SAMPLE_WIDTH).toFixed(0)}"
cy="${random.between(0, SAMPLE_HEIGHT).toFixed(0)}" r="${random.between(8, 46).toFixed(0)}"
fill="${hsl(hue + random.between(-40, 30), random.between(15, 55), random.between(15, 72), random.between(0.2, 0.6))}"/>`
    }
    return fill(hsl(hue, 25, random.between(18, 46))) + `<g filter="url(#far)">${discs}</g>`
  },
  // Paper or cloth, as in a herbarium.
  (random) =>
    fill(hsl(random.between(30, 60), random.between(6, 26), random.between(70, 92))) +
    texture(random, '0.9', 0.4) +
    texture(random, '0.012', 0.4),
]

interface Tint {
  hue: number
  saturation: number
  lightness: number
}

function veins(leaf: Leaf, tint: Tint, random: KeyedRandom): string {
  const colour = hsl(tint.hue - 6, tint.saturation * 0.8, Math.min(82, tint.lightness + random.between(9, 22)))
  const pairs = 5 + random.below(5)
  const strength = random.between(0.2, 0.65).toFixed(2)
  let sides = ''
  for (let pair = 0; pair < pairs; pair++) {
    const from = 0.1 + (0.74 * pair) / pairs
    for (const side of [-1, 1]) {
      const a = leaf.at(from, 0)
      const b = leaf.at(Math.min(1, from + 0.07), 0.45 * side)
      const c = leaf.at(Math.min(1, from + 0.17), 0.88 * side)
      sides += `M${a.x.toFixed(1)} ${a.y.toFixed(1)}Q${b.x.toFixed(1)} ${b.y.toFixed(1)} ${c.x.toFixed(1)} ${c.y.toFixed(1)}`
    }
  }
  const width = leaf.length / 110
  return `<path d="${sides}" stroke="${colour}" stroke-width="${(width * 0.7).toFixed(2)}" fill="none"
opacity="${strength}"/><path d="${path(leaf.midrib, false)}" stroke="${colour}" stroke-width="${(width * 1.7).toFixed(2)}"
fill="none" opacity="0.8"/>`
}

/** A blotch with an uneven rim. */
function blotch(centre: Point, radius: number, random: KeyedRandom): string {
  const phase = random.between(0, 6.28)
  const lobes = 3 + random.below(3)
  const points = Array.from({ length: 16 }, (_, i): Point => {
    const angle = (i / 16) * 2 * Math.PI
    const r = radius * (1 + 0.1 * Math.sin(lobes * angle + phase) + 0.09 * Math.sin(2 * angle - phase))
    return { x: centre.x + r * Math.cos(angle), y: centre.y + r * 0.88 * Math.sin(angle) }
  })
  return path(points, true)
}

/** Lesions: a yellow halo, a brown disc, sometimes a pale centre. */
function lesions(leaf: Leaf, random: KeyedRandom): string {
  const faint = random.uniform() < 0.12
  const count = faint ? 3 + random.below(4) : 8 + random.below(24)
  const size = leaf.length * (faint ? random.between(0.011, 0.018) : random.between(0.015, 0.036))
  const hue = random.between(12, 36)
  let drawn = ''
  for (let i = 0; i < count; i++) {
    const centre = leaf.at(random.between(0.08, 0.92), random.between(-0.86, 0.86))
    const radius = size * random.between(0.5, 1.5)
    const rim = hsl(random.between(48, 62), 60, 52, faint ? 0.35 : 0.6)
    drawn += `<path d="${blotch(centre, radius * random.between(1.4, 2), random)}"
fill="${rim}"/><path d="${blotch(centre, radius, random)}"
fill="${hsl(hue, random.between(30, 60), random.between(12, 30))}" opacity="${random.between(faint ? 0.5 : 0.7, 0.95).toFixed(2)}"/>`
    if (radius > 3.2 && random.uniform() < 0.5)
      drawn += `<path d="${blotch(centre, radius * 0.45, random)}" fill="${hsl(34, 24, 62)}" opacity="0.75"/>`
  }
  return drawn
}

/** What may lie on any leaf and means nothing: drops, dust, small holes, a scratch. */
function distractions(leaf: Leaf, tint: Tint, random: KeyedRandom): string {
  let drawn = ''
  const kind = random.uniform()
  const count = 2 + random.below(8)
  for (let i = 0; i < count; i++) {
    const { x, y } = leaf.at(random.between(0.1, 0.9), random.between(-0.85, 0.85))
    const r = leaf.length * random.between(0.006, 0.016)
    if (kind < 0.22)
      drawn += `<ellipse cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" rx="${(r * 1.2).toFixed(1)}"
ry="${r.toFixed(1)}" fill="${hsl(tint.hue, tint.saturation, tint.lightness - 9)}" opacity="0.7"/><circle
cx="${(x - r / 3).toFixed(1)}" cy="${(y - r / 3).toFixed(1)}" r="${(r / 2.6).toFixed(1)}" fill="#fff" opacity="0.85"/>`
    else if (kind < 0.42)
      drawn += `<path d="${blotch({ x, y }, r * 0.75, random)}" fill="${hsl(30, 22, random.between(18, 34))}" opacity="0.75"/>`
    else if (kind < 0.52)
      drawn += `<path d="${blotch({ x, y }, r * 1.3, random)}" fill="${hsl(random.between(25, 90), 20, random.between(14, 30))}"/>`
  }
  return drawn
}

/** Dry tip and edges. */
function drying(leaf: Leaf, degree: number, random: KeyedRandom): string {
  let drawn = ''
  const brown = (): string => hsl(random.between(24, 40), random.between(28, 46), random.between(24, 42))
  const count = Math.round(3 + 10 * degree)
  for (let i = 0; i < count; i++) {
    const side = random.uniform() < 0.5 ? -1 : 1
    const centre = leaf.at(random.uniform() < 0.4 ? random.between(0.85, 1) : random.between(0.2, 1), side * random.between(0.8, 1.05))
    drawn += `<path d="${blotch(centre, leaf.length * random.between(0.02, 0.075) * (0.5 + degree), random)}"
fill="${brown()}" opacity="${random.between(0.3, 0.75).toFixed(2)}"/>`
  }
  return `<g filter="url(#soft)">${drawn}</g>`
}

/** Folds seen as bands of light and shade across a limp leaf. */
function folds(leaf: Leaf, degree: number, random: KeyedRandom): string {
  let drawn = ''
  for (let i = 0; i < Math.round(3 + 5 * degree); i++) {
    const from = random.between(0.05, 0.85)
    const side = random.uniform() < 0.5 ? -1 : 1
    const line = [leaf.at(from, 0.05 * side), leaf.at(Math.min(1, from + 0.06), 0.5 * side), leaf.at(Math.min(1, from + 0.15), side)]
    const shade = random.uniform() < 0.55 ? '#120c00' : '#fff6d0'
    drawn += `<path d="${path(line, false)}"
stroke="${shade}" stroke-width="${(leaf.length * random.between(0.015, 0.045)).toFixed(1)}" fill="none"
opacity="${(0.1 + 0.28 * degree).toFixed(2)}"/>`
  }
  return `<g filter="url(#soft)">${drawn}</g>`
}

function pick<T>(items: readonly T[], random: KeyedRandom): T {
  return items[random.below(items.length)] as T
}

/** One picture of the class, as an SVG document of `SAMPLE_WIDTH` x `SAMPLE_HEIGHT` pixels. */
export function leafSvg(className: SampleClass, random: KeyedRandom): string {
  const ground = pick(GROUNDS, random)(random)
  const shape = pick(SHAPES, random)
  const length = random.between(150, 245)
  const angle = random.between(0, 2 * Math.PI)
  const centre = { x: SAMPLE_WIDTH / 2 + random.between(-38, 38), y: SAMPLE_HEIGHT / 2 + random.between(-26, 26) }
  // A fifth of the limp leaves has only begun to wilt, and some sound ones hang and yellow a little too.
  const wilting =
    className === 'wilted'
      ? random.uniform() < 0.18
        ? random.between(0.3, 0.5)
        : random.between(0.5, 1)
      : random.uniform() < 0.08
        ? random.between(0.04, 0.14)
        : 0
  const tint: Tint = {
    hue: random.between(86, 134) * (1 - 0.62 * wilting) + 46 * 0.62 * wilting,
    saturation: random.between(32, 66) * (1 - 0.35 * wilting),
    lightness: random.between(25, 46) + 10 * wilting,
  }
  const bend = (random.uniform() < 0.5 ? -1 : 1) * (random.between(0, 0.5) + wilting * random.between(0.5, 1.5))
  const crumple = Math.min(1, wilting * random.between(0.6, 1.1))
  const leafOptions: LeafOptions = {
    base: { x: centre.x - (Math.cos(angle + bend * 0.35) * length) / 2, y: centre.y - (Math.sin(angle + bend * 0.35) * length) / 2 },
    angle,
    length,
    shape,
    bend,
    crumple,
    tilt: random.between(0.65, 1),
    wavePhase: random.between(0, 6.28),
  }
  const leaf = makeLeaf(leafOptions)
  const outlinePath = outline(leaf)
  const lit = random.between(2, 9)
  const half = (edge: Point[], lightness: number): string =>
    `<path d="${path([...edge, ...[...leaf.midrib].reverse()], true)}" fill="${hsl(tint.hue, tint.saturation, lightness)}"/>`
  const stalkEnd = { x: leafOptions.base.x - Math.cos(angle) * length * 0.2, y: leafOptions.base.y - Math.sin(angle) * length * 0.2 }
  const stalk = `<path d="${path([stalkEnd, leafOptions.base], false)}"
stroke="${hsl(tint.hue - 10, tint.saturation, tint.lightness - 4)}" stroke-width="${(length / 42).toFixed(1)}" stroke-linecap="round"/>`

  let behind = ''
  for (let i = random.below(4); i > 0; i--) {
    const other = makeLeaf({
      base: { x: random.between(-30, SAMPLE_WIDTH + 30), y: random.between(-30, SAMPLE_HEIGHT + 30) },
      angle: random.between(0, 6.28),
      length: random.between(70, 190),
      shape: pick(SHAPES, random),
      bend: random.between(-0.6, 0.6),
      crumple: random.between(0, 0.3),
      tilt: 1,
      wavePhase: 1,
    })
    behind += `<path d="${outline(other)}"
fill="${hsl(random.between(40, 135), random.between(18, 50), random.between(14, 44))}" opacity="0.9"/>`
  }
  let front = ''
  if (random.uniform() < 0.3) {
    const x = random.between(0, SAMPLE_WIDTH)
    front = `<path d="M${x.toFixed(0)} 260Q${(x + random.between(-80, 80)).toFixed(0)} 120 ${random.between(0, SAMPLE_WIDTH).toFixed(0)} -20" stroke="${hsl(random.between(40, 120), random.between(20, 45), random.between(18, 48))}" stroke-width="${random.between(3, 13).toFixed(0)}" fill="none" filter="url(#soft)"/>`
  }
  const sun = { x: random.between(0, 100).toFixed(0), y: random.between(0, 100).toFixed(0) }
  const glow = random.between(0.05, 0.5)
  const dark = random.between(0.05, 0.6)
  const warmth = random.uniform() < 0.5 ? '#ffb45a' : '#6ea0ff'
  const marks = (className === 'spotted' ? lesions(leaf, random) : '') + (random.uniform() < 0.45 ? distractions(leaf, tint, random) : '')
  const limp = wilting > 0 ? folds(leaf, wilting, random) + (wilting > 0.15 ? drying(leaf, wilting, random) : '') : ''
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SAMPLE_WIDTH}"
height="${SAMPLE_HEIGHT}" viewBox="0 0 ${SAMPLE_WIDTH} ${SAMPLE_HEIGHT}">
<defs><clipPath id="leaf"><path d="${outlinePath}"/></clipPath>
<filter id="far" x="-0.2" y="-0.2" width="1.4" height="1.4"><feGaussianBlur stdDeviation="${random.between(2, 6).toFixed(1)}"/></filter>
<filter id="soft" x="-0.3" y="-0.3" width="1.6" height="1.6"><feGaussianBlur stdDeviation="${random.between(1.2, 3).toFixed(1)}"/></filter>
<radialGradient id="sun" cx="${sun.x}%" cy="${sun.y}%" r="95%"><stop
offset="0" stop-color="#fffbe8" stop-opacity="${glow.toFixed(2)}"/><stop
offset="0.45" stop-color="#fff" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity="${dark.toFixed(2)}"/></radialGradient>
<linearGradient id="sheen" gradientTransform="rotate(${random.between(0, 180).toFixed(0)} 0.5 0.5)"><stop
offset="0.1" stop-color="#fff" stop-opacity="${random.between(0.04, 0.3).toFixed(2)}"/><stop
offset="0.55" stop-color="#fff" stop-opacity="0"/><stop
offset="1" stop-color="#001a00" stop-opacity="${random.between(0.1, 0.4).toFixed(2)}"/></linearGradient></defs>
${ground}<g filter="url(#soft)">${behind}</g>
<path d="${outlinePath}" transform="translate(${random.between(-7, 7).toFixed(1)} ${random.between(3, 9).toFixed(1)})"
fill="#000" opacity="${random.between(0.2, 0.5).toFixed(2)}" filter="url(#soft)"/>
${stalk}${half(leaf.left, tint.lightness)}${half(leaf.right, tint.lightness + (random.uniform() < 0.5 ? -lit : lit))}
${veins(leaf, tint, random)}<g clip-path="url(#leaf)">${limp}${marks}<path d="${outlinePath}" fill="url(#sheen)"/></g>
${front}${fill('url(#sun)')}${fill(warmth, `opacity="${random.between(0, 0.12).toFixed(2)}"`)}</svg>`
}
