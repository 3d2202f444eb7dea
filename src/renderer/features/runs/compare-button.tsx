import { plural, t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { IconArrowsDiff } from '@tabler/icons-react'
import { FEWEST_COMPARED, MOST_COMPARED } from '../../../shared/domain/compare'
import type { RunRecord } from '../../../shared/domain/run'
import { go } from '../../state/place'

/** The first that was marked is what the others are compared with; it can be changed there. */
export function CompareButton(props: { runs: readonly RunRecord[] }) {
  const { runs } = props
  const canCompare = runs.length >= FEWEST_COMPARED && runs.length <= MOST_COMPARED
  return (
    <Button
      leftSection={<IconArrowsDiff size={16} aria-hidden />}
      disabled={!canCompare}
      title={canCompare ? undefined : t`Mark ${{ fewest: FEWEST_COMPARED }} to ${{ most: MOST_COMPARED }} runs`}
      onClick={() => go('compare', { comparedIds: runs.map((run) => run.run_id) })}
    >
      {runs.length < FEWEST_COMPARED ? t`Compare runs` : plural({ count: runs.length }, { one: 'Compare # run', other: 'Compare # runs' })}
    </Button>
  )
}
