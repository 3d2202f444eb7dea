/** Shades of a difference of counts: blue for fewer, orange for more, which colour-blind eyes tell apart; the sign is written as well. */
import { useComputedColorScheme } from '@mantine/core'
import { mix, parseHex, type Rgb } from '../../ui/colors'

export interface DifferenceColors {
  readonly none: Rgb
  readonly fewer: Rgb
  readonly more: Rgb
}

/** As in tokens.css, where a value is needed to compute with. */
const LIGHT: DifferenceColors = { none: parseHex('#faf7f1'), fewer: parseHex('#2b6ca8'), more: parseHex('#c2660f') }
const DARK: DifferenceColors = { none: parseHex('#211f1c'), fewer: parseHex('#5b9fdc'), more: parseHex('#e08a3c') }

export function useDifferenceColors(): DifferenceColors {
  return useComputedColorScheme('light', { getInitialValueInEffect: false }) === 'dark' ? DARK : LIGHT
}

/** Square root, so that a single picture is still seen beside many. */
export function differenceColor(difference: number, largest: number, colors: DifferenceColors): Rgb {
  if (difference === 0 || largest === 0) return colors.none
  return mix(colors.none, difference > 0 ? colors.more : colors.fewer, 0.15 + 0.85 * Math.sqrt(Math.abs(difference) / largest))
}

export const signed = (difference: number): string => (difference > 0 ? `+${difference}` : difference < 0 ? `−${Math.abs(difference)}` : '0')
