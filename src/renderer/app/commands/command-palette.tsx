/** Everything by its name: one field over the studio, and what it finds. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Spotlight, spotlight } from '@mantine/spotlight'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { host } from '../../state/host'
import { useMachine } from '../../state/machine'
import { useRun } from '../../state/run'
import { statusOf } from '../../state/run-view'
import { formatCount } from '../../ui/format'
import { findCommands, GROUP_NAMES } from './command'
import { Keys } from './keys'
import { studioCommands } from './studio-commands'
import { usePlaceKeys } from './use-place-keys'
import { useShortcutKey } from './shortcut-sheet'
import classes from './commands.module.css'

export function CommandPalette() {
  const [question, setQuestion] = useState('')
  const settings = useMachine((machine) => machine.settings)
  const runs = useMachine((machine) => machine.runs)
  const openRun = useRun((open) => open.record)
  const status = useRun(statusOf)
  const commands = useMemo(() => studioCommands({ settings, runs, openRun, status }), [settings, runs, openRun, status])
  const found = useMemo(() => findCommands(commands, question), [commands, question])
  // The menu's commands are these, as they are at the moment.
  const now = useRef(commands)
  useEffect(() => {
    now.current = commands
  }, [commands])
  useEffect(() => {
    host().onCommand?.((id) => now.current.find((command) => command.id === id)?.act())
  }, [])
  usePlaceKeys()
  useShortcutKey()

  return (
    <Spotlight.Root
      query={question}
      onQueryChange={setQuestion}
      shortcut="mod + K"
      triggerOnContentEditable
      tagsToIgnore={[]}
      clearQueryOnClose
      scrollable
      maxHeight={440}
      size={600}
      centered={false}
      yOffset="12vh"
      overlayProps={{ color: 'var(--shade)', backgroundOpacity: 1 }}
      transitionProps={{ duration: 80, transition: 'fade' }}
      classNames={{ content: classes.content, search: classes.search, actionsList: classes.list, actionsGroup: classes.group, action: classes.action, empty: classes.empty }}
      attributes={{ content: { 'aria-label': t`Commands` } }}
    >
      <Spotlight.Search placeholder={t`Find a command, a run, a dataset`} aria-label={t`Find a command, a run, a dataset`} leftSection={<IconSearch size={16} stroke={1.6} aria-hidden />} />
      <Spotlight.ActionsList>
        {found.map(({ group, commands: each, more }) => (
          <Spotlight.ActionsGroup key={group} label={GROUP_NAMES[group]}>
            {each.map(({ id, label, detail, keys, act }) => (
              <Spotlight.Action key={id} onClick={act}>
                <span className={`${classes.label ?? ''} ellipsis`}>{label}</span>
                {detail !== undefined && <span className={`${classes.detail ?? ''} meta ellipsis`}>{detail}</span>}
                {keys !== undefined && <Keys keys={keys} />}
              </Spotlight.Action>
            ))}
            {more > 0 && <p className={`${classes.more ?? ''} meta`}><Trans>{{ count: formatCount(more) }} more: write more of the name</Trans></p>}
          </Spotlight.ActionsGroup>
        ))}
        {found.length === 0 && <Spotlight.Empty>{t`Nothing is called that. Places, actions, runs and recent datasets are found by their names.`}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

/** Opens it, and says by which keys it is opened. */
export function CommandButton() {
  return (
    <button type="button" className={classes.open} onClick={spotlight.open} aria-keyshortcuts="Control+K Meta+K">
      <IconSearch size={16} stroke={1.6} aria-hidden />
      <span className={classes.openWord}><Trans>Find</Trans></span>
      <Keys keys={['mod+K']} />
    </button>
  )
}
