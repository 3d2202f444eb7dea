/** What may be said of each run beside the base, and what it rests on. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconEqual, IconMinus } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { pairWords, type ComparedRun, type RunComparison, type RunPair } from '../../../shared/domain/compare'
import type { Split } from '../../../shared/domain/dataset'
import { report } from '../../state/machine'
import { formatCount } from '../../ui/format'
import { letterOf } from './compared-names'
import classes from './compare-screen.module.css'
import { measure } from './use-comparison'

const MARKS: Readonly<Record<RunPair['verdict'], typeof IconEqual>> = { better: IconArrowUp, worse: IconArrowDown, 'no difference seen': IconEqual, 'nothing in common': IconMinus }

export function Verdicts(props: { runs: readonly ComparedRun[]; comparison: RunComparison | null; split: Split; isBusy: boolean; onMeasured: () => void }) {
  const { runs, comparison, split, isBusy, onMeasured } = props
  const letter = (runId: string): string => letterOf(runs.findIndex(({ run }) => run.run_id === runId))
  if (comparison === null) {
    return (
      <section aria-label={t`Verdict`} className={classes.verdicts}>
        <p className="meta">
          <Trans>Comparing the answers picture by picture</Trans>
        </p>
      </section>
    )
  }
  return (
    <section aria-label={t`Verdict`} className={classes.verdicts} aria-busy={isBusy}>
      <ul>
        {comparison.pairs.map((pair) => {
          const { verdict, basis, notes } = pairWords(pair, { base: letter(pair.base_id), other: letter(pair.other_id) })
          const Mark = MARKS[pair.verdict]
          return (
            <li key={pair.other_id} className={classes.verdict} data-verdict={pair.verdict}>
              <span className={classes.mark}>
                <Mark size={16} stroke={2} aria-hidden />
              </span>
              <div>
                <p className="strong">{verdict}</p>
                <p className="meta">{[basis, ...notes].join(' ')}</p>
              </div>
            </li>
          )
        })}
      </ul>
      {split === 'val' && comparison.pairs.length > 0 && (
        <p className="meta">
          <Trans>The validation pictures chose each run’s best epoch, so that all of these figures are a little high. Test pictures tell more.</Trans>
        </p>
      )}
      {comparison.unmeasured.map(({ run_id: runId, reason }) => (
        <Unmeasured key={runId} runId={runId} letter={letter(runId)} split={split} reason={reason} isBase={runId === comparison.base_id} onMeasured={onMeasured} />
      ))}
    </section>
  )
}

function unmeasuredWords(name: string, split: Split, isBase: boolean): string {
  if (split === 'val') return isBase ? t`${name} was not measured on its validation pictures, and the others are compared with it.` : t`${name} was not measured on its validation pictures.`
  return isBase ? t`${name} was not measured on its test pictures, and the others are compared with it.` : t`${name} was not measured on its test pictures.`
}

function Unmeasured(props: { runId: string; letter: string; split: Split; reason: string | null; isBase: boolean; onMeasured: () => void }) {
  const { runId, letter, split, reason, isBase, onMeasured } = props
  const [words, setWords] = useState<string | null>(null)
  const work = useRef<AbortController | null>(null)
  // What nobody waits for any more is not worked on.
  useEffect(() => () => work.current?.abort(), [])
  const run = async (): Promise<void> => {
    const control = new AbortController()
    work.current = control
    setWords(t`Measuring`)
    try {
      await measure(runId, split, { signal: control.signal, onProgress: ({ message, done, total }) => setWords(total > 1 ? `${message} · ${t`${{ done: formatCount(done) }} of ${{ total: formatCount(total) }}`}` : message) })
      onMeasured()
    } catch (error) {
      report(error)
    } finally {
      setWords(null)
    }
  }
  return (
    <div className={classes.unmeasured}>
      <p>
        {unmeasuredWords(letter, split, isBase)} {reason}
      </p>
      {reason === null &&
        (words === null ? (
          <Button variant="default" onClick={() => void run()}>
            <Trans>Measure {{ name: letter }}</Trans>
          </Button>
        ) : (
          <>
            <span className="meta" role="status">
              {words}
            </span>
            <Button variant="default" aria-label={t`Stop measuring ${letter}`} onClick={() => work.current?.abort()}>
              <Trans>Stop</Trans>
            </Button>
          </>
        ))}
    </div>
  )
}
