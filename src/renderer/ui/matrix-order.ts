/** The order of a matrix's classes, as a person asked for it. */
import { useEffect, useMemo, useState } from 'react'
import { clusterOrderInPieces } from './class-order-cluster'
import { matrixOrder, type MatrixOrder, type MatrixProps } from './matrix'

/** Up to here every order is there at once. */
const MOST_AT_ONCE = 48

/** The one before stays until the clusters of many classes are found. */
export function useMatrixOrder(matrix: MatrixProps['matrix'], classNames: readonly string[], order: MatrixOrder): readonly number[] {
  const isLong = order === 'cluster' && classNames.length > MOST_AT_ONCE
  const atOnce = useMemo(() => matrixOrder(matrix, classNames, isLong ? 'name' : order), [matrix, classNames, isLong, order])
  const [found, setFound] = useState<{ matrix: MatrixProps['matrix']; order: readonly number[] } | null>(null)
  useEffect(() => {
    if (!isLong) return
    const controller = new AbortController()
    void clusterOrderInPieces(matrix, controller.signal).then((clustered) => {
      if (clustered !== null) setFound({ matrix, order: clustered })
    })
    return () => controller.abort()
  }, [isLong, matrix])
  return isLong && found?.matrix === matrix ? found.order : atOnce
}
