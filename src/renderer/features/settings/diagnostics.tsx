/** Copies what helps to answer a question, and shows that nothing in it is private. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { copyDiagnostics, useDiagnostics } from '../../state/diagnostics'
import classes from './diagnostics.module.css'

export function Diagnostics() {
  const { text, isCopied } = useDiagnostics()
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // It may have been copied from anywhere.
    if (text !== null) box.current?.scrollIntoView({ block: 'nearest' })
  }, [text])
  return (
    <div ref={box} className={classes.diagnostics}>
      <div className={classes.head}>
        <Button variant="default" onClick={() => void copyDiagnostics()}>
          <Trans>Copy diagnostics</Trans>
        </Button>
        <span className="meta" role="status">
          {text === null
            ? t`Machine, versions, checks and how runs ended, to send along with a question. No name of a person, a folder or a file.`
            : isCopied
              ? t`Copied, as it stands below.`
              : t`The clipboard is not open to this page: select the text below and copy it.`}
        </span>
      </div>
      {text !== null && (
        <pre className={`mono ${classes.text ?? ''}`} tabIndex={0} role="region" aria-label={t`Diagnostics`}>
          {text}
        </pre>
      )}
    </div>
  )
}
