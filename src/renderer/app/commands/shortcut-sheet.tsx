/** All keyboard shortcuts on one page. */
import { t } from '@lingui/core/macro'
import { Modal } from '@mantine/core'
import { useEffect } from 'react'
import { Keys } from './keys'
import { hideShortcuts, SHORTCUTS, showShortcuts, useShortcutSheet } from './shortcuts'
import { isTaken } from './use-place-keys'
import classes from './commands.module.css'

/** A question mark stands on other keys on other keyboards, so that it is known by what it writes. */
export function useShortcutKey(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '?' || event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target)) return
      event.preventDefault()
      showShortcuts()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}

export function ShortcutSheet() {
  const isOpen = useShortcutSheet((sheet) => sheet.isOpen)
  return (
    <Modal opened={isOpen} onClose={hideShortcuts} title={t`Keyboard shortcuts`} size={640}>
      <div className={classes.sheet}>
        {SHORTCUTS.map(({ where, shortcuts }) => (
          <section key={where} aria-label={where}>
            <h3 className={classes.where}>{where}</h3>
            <dl className={classes.shortcuts}>
              {shortcuts.map(({ keys, what }) => (
                <div key={what}>
                  <dt>
                    <Keys keys={keys} />
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  )
}
