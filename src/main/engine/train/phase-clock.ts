/** What tells a profile where the main thread's time goes. Most runs have none, and pay nothing. */
import type { Phase } from '../../../shared/domain/profile'

export interface PhaseClock {
  /**
   * Does the work and counts its time, up to the end of a promise, for the phase; time of phases within it counts for those alone.
   * Only for what the main thread does or waits for in turn, never for work that goes on beside.
   */
  within<T>(phase: Phase, work: () => T): T
  /** The same for a run of a graph. The first of each `shape` in a session is compiled by TensorFlow, and counts as that. */
  computing<T>(phase: Phase, session: object, shape: string, work: () => T): T
}

export const NO_CLOCK: PhaseClock = {
  within: (_, work) => work(),
  computing: (_phase, _session, _shape, work) => work(),
}
