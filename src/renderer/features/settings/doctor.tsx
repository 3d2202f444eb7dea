/** The checks of `graft doctor`, run from the window. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import type { Failure } from '../../../shared/domain/error'
import type { DoctorCheck } from '../../../shared/domain/system'
import { client } from '../../state/host'
import { failureOf, resultOf, type Progress } from '../../transport/streams'
import { useCopy } from '../../ui/copy-text'
import { FailurePanel } from '../../ui/failure-panel'
import { ProgressLine } from '../../ui/progress-line'
import classes from './doctor.module.css'

type State =
  | { kind: 'idle' }
  | { kind: 'running'; progress: Progress | null }
  | { kind: 'done'; checks: readonly DoctorCheck[] }
  | { kind: 'failed'; failure: Failure }

const MARKS = { ok: IconCheck, warning: IconAlertTriangle, failed: IconX } as const
const WORDS: Readonly<Record<DoctorCheck['status'], string>> = { ok: t`well`, warning: t`look`, failed: t`failed` }

export function checksSummary(checks: readonly DoctorCheck[]): string {
  const failed = checks.filter((check) => check.status === 'failed').length
  const warnings = checks.filter((check) => check.status === 'warning').length
  if (failed === 0 && warnings === 0) return plural({ count: checks.length }, { one: '# check, all well', other: '# checks, all well' })
  return `${plural({ count: checks.length }, { one: '# check', other: '# checks' })} · ${t`${failed} failed`} · ${t`${warnings} to look at`}`
}

export function Doctor() {
  const [state, setState] = useState<State>({ kind: 'idle' })
  const work = useRef<AbortController | null>(null)
  const clipboard = useCopy()
  useEffect(() => () => work.current?.abort(), [])

  const check = async (): Promise<void> => {
    const controller = new AbortController()
    work.current = controller
    setState({ kind: 'running', progress: null })
    try {
      const { checks } = await resultOf((options) => client().system.doctor(undefined, options), {
        signal: controller.signal,
        onProgress: (progress) => setState({ kind: 'running', progress }),
      })
      setState({ kind: 'done', checks })
    } catch (error) {
      const failure = failureOf(error)
      setState(failure === null || controller.signal.aborted ? { kind: 'idle' } : { kind: 'failed', failure })
    }
  }

  const copy = (checks: readonly DoctorCheck[]): void =>
    clipboard.copy(checks.map(({ name, status, value, action }) => `${WORDS[status]}\t${name}\t${value}${action === null ? '' : `\t${action}`}`).join('\n'))

  return (
    <div className={classes.doctor}>
      <div className={classes.head}>
        <Button variant="default" disabled={state.kind === 'running'} onClick={() => void check()}>
          <Trans>Check the installation</Trans>
        </Button>
        {state.kind === 'idle' && <span className="meta"><Trans>Versions, engine, memory, disk, weights, and two seconds of training against stored numbers.</Trans></span>}
        {state.kind === 'done' && (
          <>
            <span className={classes.summary} role="status">
              {checksSummary(state.checks)}
            </span>
            <button type="button" className="link-button" onClick={() => copy(state.checks)}>
              {clipboard.copied ? t`Copied` : t`Copy report`}
            </button>
          </>
        )}
        {state.kind === 'running' && (
          <>
            <span className={classes.summary} role="status">
              {state.progress?.message ?? t`Starting`}
            </span>
            <button type="button" className="link-button" onClick={() => work.current?.abort()}>
              <Trans>Cancel</Trans>
            </button>
          </>
        )}
      </div>
      {state.kind === 'running' && <ProgressLine label={t`Check of the installation`} share={state.progress === null ? null : state.progress.done / Math.max(1, state.progress.total)} />}
      {state.kind === 'failed' && <FailurePanel failure={state.failure} />}
      {state.kind === 'done' && (
        <ul className={classes.checks} aria-label={t`Checks`}>
          {state.checks.map((line) => {
            const Mark = MARKS[line.status]
            return (
              <li key={line.name} data-status={line.status}>
                <Mark size={16} aria-hidden />
                <span>
                  {line.name}
                  <span className="visually-hidden">: {WORDS[line.status]}</span>
                </span>
                <span className={classes.value}>
                  {line.value}
                  {line.action !== null && <span className={classes.action}>{line.action}</span>}
                </span>
              </li>
            )
          })}
        </ul>
      )}
    </div>
  )
}
