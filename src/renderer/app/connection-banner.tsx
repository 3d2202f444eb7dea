/** Said while the host does not answer. What is shown stays; calls wait until it is back. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { host } from '../state/host'
import { useMachine } from '../state/machine'
import classes from './overlays.module.css'

/** After so many failures the server was perhaps started anew, with another token. */
const ATTEMPTS_UNTIL_DOUBT = 4

export function ConnectionBanner() {
  const connection = useMachine((machine) => machine.connection)
  const [nowMs, setNowMs] = useState(() => Date.now())
  const isAway = connection.kind === 'away'

  useEffect(() => {
    if (!isAway) return
    setNowMs(Date.now())
    const timer = setInterval(() => setNowMs(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [isAway, connection])

  if (connection.kind !== 'away') return null
  const seconds = Math.ceil((connection.retryAtMs - nowMs) / 1000)
  return (
    <div className={classes.banner} role="status">
      <p>
        <span className="strong"><Trans>The studio’s server does not answer.</Trans></span>{' '}
        {connection.attempts < ATTEMPTS_UNTIL_DOUBT
          ? t`What you see may be old.`
          : t`If it was started anew, open the address that it printed.`}
      </p>
      <span className={classes.retry} aria-hidden>
        {seconds > 0 ? t`Next try in ${seconds} s` : t`Trying`}
      </span>
      <Button variant="default" onClick={() => host().retryNow()}>
        <Trans>Try now</Trans>
      </Button>
    </div>
  )
}
