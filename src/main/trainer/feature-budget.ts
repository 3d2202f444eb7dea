/** How much of the frozen prefix's output is kept in memory. */
import { totalmem } from 'node:os'

/** Features of the frozen prefix beyond this many bytes go to files: an eighth of the machine, so that small ones do not swap. */
export const FEATURE_BUDGET_BYTES = Math.min(768 * 1024 * 1024, totalmem() / 8)
