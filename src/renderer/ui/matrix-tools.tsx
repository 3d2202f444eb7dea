/** How the matrix is ordered and what its numbers are shares of. */
import { SegmentedControl, Select } from '@mantine/core'
import { MATRIX_ORDERS, NORMALISATIONS, type MatrixOrder, type Normalisation } from './matrix'
import classes from './matrix-tools.module.css'
import { useMatrixView } from './matrix-view'

const ORDER_TITLES: Readonly<Record<MatrixOrder, string>> = { name: 'By name', size: 'Largest first', recall: 'Lowest recall first', cluster: 'Confused together' }
const NORMALISATION_TITLES: Readonly<Record<Normalisation, string>> = { none: 'Pictures', row: '% of truth', column: '% of answer' }

export function MatrixTools({ classCount }: { classCount: number }) {
  const { order, normalise } = useMatrixView()
  return (
    <>
      {classCount > 1 && (
        <Select
          className={classes.order ?? ''}
          aria-label="Order of the classes"
          value={order}
          allowDeselect={false}
          data={MATRIX_ORDERS.map((value) => ({ value, label: ORDER_TITLES[value] }))}
          onChange={(value) => useMatrixView.setState({ order: MATRIX_ORDERS.find((known) => known === value) ?? 'name' })}
        />
      )}
      <SegmentedControl
        aria-label="Numbers in the matrix"
        value={normalise}
        onChange={(value) => useMatrixView.setState({ normalise: NORMALISATIONS.find((known) => known === value) ?? 'none' })}
        data={NORMALISATIONS.map((value) => ({ value, label: NORMALISATION_TITLES[value] }))}
      />
    </>
  )
}
