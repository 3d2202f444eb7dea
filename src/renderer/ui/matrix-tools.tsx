/** How the matrix is ordered and what its numbers are shares of. */
import { t } from '@lingui/core/macro'
import { SegmentedControl, Select } from '@mantine/core'
import { MATRIX_ORDERS, NORMALISATIONS, type MatrixOrder, type Normalisation } from './matrix'
import classes from './matrix-tools.module.css'
import { useMatrixView } from './matrix-view'

const ORDER_TITLES: Readonly<Record<MatrixOrder, string>> = { name: t`By name`, size: t`Largest first`, recall: t`Lowest recall first`, cluster: t`Confused together` }
const NORMALISATION_TITLES: Readonly<Record<Normalisation, string>> = { none: t`Pictures`, row: t`% of truth`, column: t`% of answer` }

export function MatrixTools({ classCount }: { classCount: number }) {
  const { order, normalise } = useMatrixView()
  return (
    <>
      {classCount > 1 && (
        <Select
          className={classes.order ?? ''}
          aria-label={t`Order of the classes`}
          value={order}
          allowDeselect={false}
          data={MATRIX_ORDERS.map((value) => ({ value, label: ORDER_TITLES[value] }))}
          onChange={(value) => useMatrixView.setState({ order: MATRIX_ORDERS.find((known) => known === value) ?? 'name' })}
        />
      )}
      <SegmentedControl
        aria-label={t`Numbers in the matrix`}
        value={normalise}
        onChange={(value) => useMatrixView.setState({ normalise: NORMALISATIONS.find((known) => known === value) ?? 'none' })}
        data={NORMALISATIONS.map((value) => ({ value, label: NORMALISATION_TITLES[value] }))}
      />
    </>
  )
}
