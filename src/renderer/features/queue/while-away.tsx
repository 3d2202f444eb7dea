/** What helps to leave a run alone: giving way to other programs, and being told of its end. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Popover, Switch } from '@mantine/core'
import { IconDoorExit } from '@tabler/icons-react'
import { host } from '../../state/host'
import { report, updateSettings, useMachine } from '../../state/machine'
import { canTell, setTelling, useTelling } from '../../state/run-news'
import classes from './while-away.module.css'

export function WhileAway() {
  const settings = useMachine((machine) => machine.settings)
  const { isOn, isDenied } = useTelling()
  const isDesktop = host().door === 'desktop'
  return (
    <Popover position="bottom-end" width={320} trapFocus shadow="none" transitionProps={{ duration: 80 }}>
      <Popover.Target>
        <Button variant="default" leftSection={<IconDoorExit size={14} aria-hidden />}>
          <Trans>While you are away</Trans>
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown} aria-label={t`While you are away`}>
        {canTell() && (
          <Switch
            label={t`Tell me when it is done`}
            description={isDenied ? t`This browser was told not to let this page tell you anything; its site settings can allow it again.` : t`By a notification of your system, also when a run fails. Your browser asks you first.`}
            checked={isOn}
            disabled={isDenied}
            onChange={(event) => void setTelling(event.currentTarget.checked).catch(report)}
          />
        )}
        <Switch
          label={t`In the background`}
          description={t`Training gives way to your other programs; it comes out the same.`}
          checked={settings?.background ?? false}
          disabled={settings === null}
          onChange={(event) => void updateSettings({ background: event.currentTarget.checked })}
        />
        <p className="meta">
          {isDesktop
            ? t`You are told of its end. Close the window and choose to go on in the background: it comes back from the tray. The machine does not go to sleep by itself meanwhile.`
            : t`This page may be closed: the run goes on with the server, and the same address shows it again. A machine that goes to sleep holds it up until it wakes.`}
        </p>
      </Popover.Dropdown>
    </Popover>
  )
}
