/** Keeps the title of the page true. It draws nothing, so that steps of a run draw no screen anew. */
import { useEffect } from 'react'
import { useMachine } from '../state/machine'
import { pageTitle } from '../state/page-title'
import { useRun } from '../state/run'

export function PageTitle(props: { screen: string }): null {
  const runs = useMachine((machine) => machine.runs)
  const runId = useRun((open) => open.runId)
  const view = useRun((open) => open.view)
  const title = pageTitle(props.screen, runs, { runId, view })
  useEffect(() => {
    document.title = title
  }, [title])
  return null
}
