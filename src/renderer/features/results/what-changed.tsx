/** Of a run that was trained again with fixes: exactly which pictures it answers otherwise than the run that it came from. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Button } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { pictureUrl } from '../../../shared/contract/contract'
import { type ChangeKind, pairWords, type RunPair } from '../../../shared/domain/compare'
import type { Split } from '../../../shared/domain/dataset'
import type { FixedPicture } from '../../../shared/domain/fix-run'
import type { RunRecord } from '../../../shared/domain/run'
import { client } from '../../state/host'
import { report } from '../../state/machine'
import { go } from '../../state/place'
import { FailurePanel } from '../../ui/failure-panel'
import { formatCount, formatShare } from '../../ui/format'
import { PictureTile } from '../../ui/picture-tile'
import { ChangedPictures } from '../compare/changed-pictures'
import { measure, usePaired, valueOf } from '../compare/use-comparison'
import classes from './retrain.module.css'

const MEASURED_WORDS: Readonly<Record<Split, string>> = {
  test: t`On the test pictures, best checkpoints`,
  val: t`On the validation pictures, best checkpoints`,
  train: t`On the training pictures, best checkpoints`,
}
const UNMEASURED_WORDS: Readonly<Record<Split, (name: string) => string>> = {
  test: (name) => t`${name} was not measured on its test pictures.`,
  val: (name) => t`${name} was not measured on its validation pictures.`,
  train: (name) => t`${name} was not measured on its training pictures.`,
}
/** So many tiles at first, and with each asking. */
const FIRST_TILES = 24
const MORE_TILES = 96
const NAMES = { base: t`Before`, other: t`Now` } as const

export function WhatChanged(props: { record: RunRecord; split: Split; onClose: () => void }) {
  const { record, split, onClose } = props
  const { retrains } = record
  const ids = retrains === undefined ? [record.run_id] : [retrains.run_id, record.run_id]
  const { loaded, retry } = usePaired(ids, split)
  const comparison = valueOf(loaded)
  const heading = useRef<HTMLHeadingElement>(null)
  const fixed = useFixedPictures(record, split)
  useEffect(() => heading.current?.focus(), [])
  if (retrains === undefined) return null
  const pair = comparison?.pairs[0] ?? null
  return (
    <aside
      className={classes.panel}
      aria-label={t`What changed since ${{ run: retrains.name }}`}
      onKeyDown={(event) => {
        // A picture that is open over it takes Escape itself.
        if (event.key === 'Escape' && event.target instanceof Node && event.currentTarget.contains(event.target)) onClose()
      }}
    >
      <header className={classes.head}>
        <div className={classes.titles}>
          <h2 ref={heading} tabIndex={-1} className={classes.title}>
            <Trans>What changed since {{ run: retrains.name }}</Trans>
          </h2>
          <p className="meta">{MEASURED_WORDS[split]}</p>
        </div>
        <ActionIcon aria-label={t`Close what changed`} onClick={onClose}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </header>
      <div className={classes.body}>
        {loaded.kind === 'failed' && (
          <FailurePanel title={t`${{ run: retrains.name }} cannot be compared with`} failure={loaded.failure}>
            <Button onClick={retry}>
              <Trans>Try again</Trans>
            </Button>
          </FailurePanel>
        )}
        {comparison === null && loaded.kind === 'busy' && (
          <p className="meta">
            <Trans>Comparing the answers picture by picture</Trans>
          </p>
        )}
        {comparison?.unmeasured.map(({ run_id: runId, reason }) => (
          <Unmeasured key={runId} name={runId === record.run_id ? record.name : retrains.name} runId={runId} split={split} reason={reason} onMeasured={retry} />
        ))}
        {pair !== null && <Verdict pair={pair} names={{ base: retrains.name, other: record.name }} />}
        {fixed.length > 0 && <FixedPictures runId={retrains.run_id} now={record.run_id} pictures={fixed} />}
        {pair !== null && pair.common > 0 && <ChangesOf pair={pair} split={split} />}
        {comparison !== null && (
          <p className={classes.links}>
            <button type="button" className="link-button" onClick={() => go('compare', { comparedIds: ids })}>
              <Trans>Compare the two in full</Trans>
            </button>
            <button type="button" className="link-button" onClick={() => go('results', { runId: retrains.run_id })}>
              <Trans>Results of {{ run: retrains.name }}</Trans>
            </button>
          </p>
        )}
      </div>
    </aside>
  )
}

function Verdict({ pair, names }: { pair: RunPair; names: { base: string; other: string } }) {
  const { verdict, basis, notes } = pairWords(pair, names)
  return (
    <div>
      <p className="strong">{verdict}</p>
      <p className="meta">{[basis, ...notes].join(' ')}</p>
    </div>
  )
}

function ChangesOf({ pair, split }: { pair: RunPair; split: Split }) {
  const [kind, setKind] = useState<ChangeKind | null>(null)
  return (
    <section className={classes.changed} aria-labelledby="changed-title">
      <h3 id="changed-title">
        <Trans>Answers that changed</Trans>
      </h3>
      <ChangedPictures pair={pair} names={NAMES} split={split} kind={kind} onKind={setKind} cell={null} onAllCells={() => undefined} />
    </section>
  )
}

function useFixedPictures(record: RunRecord, split: Split): readonly FixedPicture[] {
  const [pictures, setPictures] = useState<readonly FixedPicture[]>([])
  useEffect(() => {
    const controller = new AbortController()
    client()
      .runFixes.fixedPictures({ runId: record.run_id, split }, { signal: controller.signal })
      .then((answer) => !controller.signal.aborted && setPictures(answer.pictures))
      // Where the run before is gone, the comparison says so.
      .catch(() => !controller.signal.aborted && setPictures([]))
    return () => controller.abort()
  }, [record.run_id, record.updated_at, split])
  return pictures
}

/** They are counted in neither direction: what is right about them is not the same in the two runs. */
function FixedPictures({ runId, now, pictures }: { runId: string; now: string; pictures: readonly FixedPicture[] }) {
  const [count, setCount] = useState(FIRST_TILES)
  return (
    <section className={classes.fixed} aria-labelledby="fixed-title">
      <h3 id="fixed-title">{plural({ count: pictures.length }, { one: '# picture fixed, not counted above', other: '# pictures fixed, not counted above' })}</h3>
      <ul className={classes.tiles} aria-label={t`Fixed pictures`}>
        {pictures.slice(0, count).map((picture) => (
          <li key={picture.path} className={classes.tile} title={picture.path}>
            <span className={classes.image}>
              <PictureTile url={pictureUrl({ runId: picture.before === null ? now : runId }, picture.path, 96)} alt={picture.path} />
            </span>
            <span className={classes.caption}>
              <span className="strong">{labelWords(picture)}</span>
              {picture.before !== null && (
                <span>
                  <Trans>
                    Before: {{ name: picture.before.prediction }} {{ share: formatShare(picture.before.probability) }}
                  </Trans>
                </span>
              )}
              {picture.now !== null && (
                <span>
                  <Trans>
                    Now: {{ name: picture.now.prediction }} {{ share: formatShare(picture.now.probability) }}
                  </Trans>
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {pictures.length > count && (
        <Button variant="default" onClick={() => setCount(count + MORE_TILES)}>
          <Trans>Show more: {{ count: formatCount(pictures.length - count) }} left</Trans>
        </Button>
      )}
    </section>
  )
}

function labelWords({ before, now }: FixedPicture): string {
  if (now === null) return t`${{ name: before?.label ?? '' }}, left out`
  return before === null ? t`${{ name: now.label }}, taken in` : `${before.label} → ${now.label}`
}

function Unmeasured(props: { name: string; runId: string; split: Split; reason: string | null; onMeasured: () => void }) {
  const { name, runId, split, reason, onMeasured } = props
  const [isBusy, setIsBusy] = useState(false)
  const run = async (): Promise<void> => {
    setIsBusy(true)
    await measure(runId, split).then(onMeasured, report)
    setIsBusy(false)
  }
  return (
    <div>
      <p>
        {UNMEASURED_WORDS[split](name)} {reason}
      </p>
      {reason === null && (
        <Button variant="default" loading={isBusy} onClick={() => void run()}>
          <Trans>Measure {name}</Trans>
        </Button>
      )}
    </div>
  )
}
