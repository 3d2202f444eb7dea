/** What went wrong, what to do, and the technical part folded away. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconAlertTriangle, IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { Failure } from '../../shared/domain/error'
import classes from './failure-panel.module.css'
import { useCopy } from './copy-text'

export function FailurePanel(props: { failure: Failure; title?: string; children?: ReactNode; onClose?: () => void }) {
  const clipboard = useCopy()
  const { failure, title, children, onClose } = props
  const report = [failure.code, failure.message, failure.action, failure.detail].filter((part) => part !== undefined).join('\n')
  return (
    <div className={classes.panel} role="alert">
      <IconAlertTriangle size={18} className={classes.icon} aria-hidden />
      <div className={classes.body}>
        {title !== undefined && <p className="strong">{title}</p>}
        <p className={classes.message}>{failure.message}</p>
        {failure.action !== undefined && <p className={classes.action}>{failure.action}</p>}
        <div className={classes.buttons}>
          {children}
          <Button variant="default" onClick={() => clipboard.copy(report)}>
            {clipboard.copied ? t`Copied` : t`Copy report`}
          </Button>
        </div>
        {failure.detail !== undefined && (
          <details className={classes.detail}>
            <summary>
              <Trans>Technical part</Trans>
            </summary>
            <pre tabIndex={0}>{failure.detail}</pre>
          </details>
        )}
      </div>
      {onClose !== undefined && (
        <button type="button" className={classes.close} aria-label={t`Close message`} onClick={onClose}>
          <IconX size={16} aria-hidden />
        </button>
      )}
    </div>
  )
}
