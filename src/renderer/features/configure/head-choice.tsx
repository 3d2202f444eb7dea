/** The three heads, each with what it is. */
import { t } from '@lingui/core/macro'
import { SegmentedControl } from '@mantine/core'
import { HEADS, type HeadName } from '../../../shared/domain/run-config'
import classes from './head-choice.module.css'

const LABELS: Readonly<Record<HeadName, string>> = { linear: t`Linear`, mlp: 'MLP', deep: t`Deep` }
const WORDS: Readonly<Record<HeadName, string>> = {
  linear: t`The network's own last layer, for these classes. The usual choice.`,
  mlp: t`One hidden layer of 512, with dropout before and after it.`,
  deep: t`Hidden layers of 512 and 128, each with batch norm and dropout. For more data.`,
}

export function HeadChoice({ value, onChange }: { value: HeadName; onChange: (head: HeadName) => void }) {
  return (
    <div className={classes.choice}>
      <SegmentedControl aria-label={t`Head`} data={HEADS.map((head) => ({ value: head, label: LABELS[head] }))} value={value} onChange={onChange} />
      <p className={classes.words}>{WORDS[value]}</p>
    </div>
  )
}
