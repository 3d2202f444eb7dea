/** What went wrong outside of any screen, until it is closed. */
import { useMachine } from '../state/machine'
import { FailurePanel } from '../ui/failure-panel'
import classes from './overlays.module.css'

export function FailureToast() {
  const failure = useMachine((machine) => machine.failure)
  if (failure === null) return null
  return (
    <div className={classes.toast}>
      <FailurePanel failure={failure} onClose={() => useMachine.setState({ failure: null })} />
    </div>
  )
}
