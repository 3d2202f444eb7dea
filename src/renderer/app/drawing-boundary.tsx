/** An error while a screen is drawn takes that screen's place alone: the rail, the bar and what trains go on. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { ErrorBoundary, type FallbackProps } from 'react-error-boundary'
import type { Failure } from '../../shared/domain/error'
import { FailurePanel } from '../ui/failure-panel'

const failureOf = (error: unknown): Failure => ({
  code: 'BUG',
  message: t`This screen could not be drawn. Nothing is lost: runs go on, and all files are as they were.`,
  action: t`Draw it again, or go to another screen. Where it happens again, the report helps to mend it.`,
  ...(error instanceof Error ? { detail: error.stack ?? error.message } : { detail: String(error) }),
})

function Drawn({ error, resetErrorBoundary }: FallbackProps) {
  return (
    <main className="screen">
      <FailurePanel failure={failureOf(error)}>
        <Button onClick={resetErrorBoundary}><Trans>Draw again</Trans></Button>
      </FailurePanel>
    </main>
  )
}

/** @param props.of what is drawn: another thing begins afresh */
export function DrawingBoundary(props: { of: string; children: ReactNode }) {
  return (
    <ErrorBoundary FallbackComponent={Drawn} resetKeys={[props.of]}>
      {props.children}
    </ErrorBoundary>
  )
}
