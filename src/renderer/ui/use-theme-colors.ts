/** The theme's colours where a value is needed instead of a name: for canvases and computed shades. */
import { useComputedColorScheme } from '@mantine/core'
import { parseHex, type Rgb } from './colors'

export interface MatrixColors {
  /** No errors. */
  low: Rgb
  /** The cell with the most errors. */
  high: Rgb
  /** A row that is all right; the diagonal stays on this quiet side. */
  right: Rgb
}

const LIGHT: MatrixColors = { low: parseHex('#faf7f1'), high: parseHex('#b23a0e'), right: parseHex('#dcd7cd') }
const DARK: MatrixColors = { low: parseHex('#211f1c'), high: parseHex('#e8743b'), right: parseHex('#47433c') }

export function useMatrixColors(): MatrixColors {
  return useComputedColorScheme('light', { getInitialValueInEffect: false }) === 'dark' ? DARK : LIGHT
}
