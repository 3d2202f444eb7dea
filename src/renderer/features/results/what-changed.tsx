/** Of a run that was trained again with fixes: exactly which pictures it answers otherwise than the run that it came from. */
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
import { formatPlural, formatShare } from '../../ui/format'
import { PictureTile } from '../../ui/picture-tile'
import { ChangedPictures } from '../compare/changed-pictures'
import { measure, usePaired, valueOf } from '../compare/use-comparison'
import classes from './retrain.module.css'

const SPLIT_WORDS: Readonly<Record<Split, string>> = { test: 'test', val: 'validation', train: 'training' }
const NAMES = { base: 'Before', other: 'Now' } as const

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
      aria-label={`What changed since ${retrains.name}`}
      onKeyDown={(event) => {
        // A picture that is open over it takes Escape itself.
        if (event.key === 'Escape' && event.target instanceof Node && event.currentTarget.contains(event.target)) onClose()
      }}
    >
      <header className={classes.head}>
        <div className={classes.titles}>
          <h2 ref={heading} tabIndex={-1} className={classes.title}>
            What changed since {retrains.name}
          </h2>
          <p className="meta">On the {SPLIT_WORDS[split]} pictures, best checkpoints</p>
        </div>
        <ActionIcon aria-label="Close what changed" onClick={onClose}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </header>
      <div className={classes.body}>
        {loaded.kind === 'failed' && (
          <FailurePanel title={`${retrains.name} cannot be compared with`} failure={loaded.failure}>
            <Button onClick={retry}>Try again</Button>
          </FailurePanel>
        )}
        {comparison === null && loaded.kind === 'busy' && <p className="meta">Comparing the answers picture by picture</p>}
        {comparison?.unmeasured.map(({ run_id: runId, reason }) => (
          <Unmeasured key={runId} name={runId === record.run_id ? record.name : retrains.name} runId={runId} split={split} reason={reason} onMeasured={retry} />
        ))}
        {pair !== null && <Verdict pair={pair} names={{ base: retrains.name, other: record.name }} />}
        {fixed.length > 0 && <FixedPictures runId={retrains.run_id} now={record.run_id} pictures={fixed} />}
        {pair !== null && pair.common > 0 && <ChangesOf pair={pair} split={split} />}
        {comparison !== null && (
          <p className={classes.links}>
            <button type="button" className="link-button" onClick={() => go('compare', { comparedIds: ids })}>
              Compare the two in full
            </button>
            <button type="button" className="link-button" onClick={() => go('results', { runId: retrains.run_id })}>
              Results of {retrains.name}
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
      <h3 id="changed-title">Answers that changed</h3>
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
  return (
    <section className={classes.fixed} aria-labelledby="fixed-title">
      <h3 id="fixed-title">{formatPlural(pictures.length, 'picture')} fixed, not counted above</h3>
      <ul className={classes.tiles} aria-label="Fixed pictures">
        {pictures.map((picture) => (
          <li key={picture.path} className={classes.tile} title={picture.path}>
            <span className={classes.image}>
              <PictureTile url={pictureUrl({ runId: picture.before === null ? now : runId }, picture.path, 96)} alt={picture.path} />
            </span>
            <span className={classes.caption}>
              <span className="strong">{labelWords(picture)}</span>
              {picture.before !== null && (
                <span>
                  Before: {picture.before.prediction} {formatShare(picture.before.probability)}
                </span>
              )}
              {picture.now !== null && (
                <span>
                  Now: {picture.now.prediction} {formatShare(picture.now.probability)}
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function labelWords({ before, now }: FixedPicture): string {
  if (now === null) return `${before?.label ?? ''}, left out`
  return before === null ? `${now.label}, taken in` : `${before.label} → ${now.label}`
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
        {name} was not measured on its {SPLIT_WORDS[split]} pictures. {reason}
      </p>
      {reason === null && (
        <Button variant="default" loading={isBusy} onClick={() => void run()}>
          Measure {name}
        </Button>
      )}
    </div>
  )
}
