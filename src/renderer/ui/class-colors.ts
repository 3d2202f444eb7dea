/** Okabe and Ito's colours, safe for colour-blind readers ("Color Universal Design", 2008); a class keeps its colour everywhere. */
const OKABE_ITO = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#b8a600', '#7a7a7a'] as const

export const CLASS_HUES = OKABE_ITO.length

/** Colour of a class by its index. From the ninth on the same hues come again, lighter or darker: the name says the rest. */
export function classColor(index: number): string {
  const base = OKABE_ITO[index % OKABE_ITO.length] ?? OKABE_ITO[0]
  const round = Math.floor(index / OKABE_ITO.length) % 3
  if (round === 0) return base
  return `color-mix(in oklab, ${base} 62%, ${round === 1 ? 'white' : 'black'})`
}
