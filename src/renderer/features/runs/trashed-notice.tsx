/** What went to the trash last, with the way back; it floats, so that nothing jumps. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Button } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useRunList } from '../../state/run-list'
import { restoreTrashed } from './run-marking'
import classes from './runs-screen.module.css'

export function TrashedNotice() {
  const trashed = useRunList((list) => list.trashed)
  return (
    <div role="status">
      {trashed !== null && (
        <div className={classes.notice}>
          <span className="ellipsis">
            {trashed.names.length === 1
              ? t`${{ name: trashed.names[0] ?? '' }} moved to the trash`
              : plural({ count: trashed.names.length }, { one: '# run moved to the trash', other: '# runs moved to the trash' })}
          </span>
          {trashed.restoreIds.length > 0 && (
            <Button variant="default" onClick={() => void restoreTrashed()}>
              <Trans>Undo</Trans>
            </Button>
          )}
          <ActionIcon aria-label={t`Close message`} onClick={() => useRunList.setState({ trashed: null })}>
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </div>
      )}
    </div>
  )
}
