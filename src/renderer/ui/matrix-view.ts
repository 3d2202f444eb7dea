/** How a person looks at confusion matrices; kept from screen to screen and from run to run. */
import { create } from 'zustand'
import type { MatrixOrder, Normalisation } from './matrix'

export interface MatrixView {
  order: MatrixOrder
  normalise: Normalisation
  /** What stands beside the matrix; null: pairs where there are many classes, else the classes. */
  beside: 'classes' | 'pairs' | null
}

export const useMatrixView = create<MatrixView>(() => ({ order: 'name', normalise: 'none', beside: null }))

/** Beyond this many classes one reads pairs rather than cells. */
export const MOST_CLASSES_READ = 30
