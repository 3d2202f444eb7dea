/** Going on with a dataset that may have to be opened first. */
import { openDataset, openSummary, useDataset } from '../../state/dataset'

/** Calls `then` once the dataset of this folder is open; where it cannot be opened the Dataset screen says why. */
export function withDataset(root: string, then: () => void): void {
  if (openSummary()?.root === root) return then()
  openDataset(root)
  const unsubscribe = useDataset.subscribe(({ state }) => {
    if (state.kind === 'opening') return
    unsubscribe()
    // The opening itself goes to the Dataset screen after it has told its state.
    if (state.kind === 'open' && state.summary.root === root) queueMicrotask(then)
  })
}
