/** The names of the few messages between the window and the main process; everything else goes over the contract's port. */

/** Window to main: asks for a port. Main to window: brings it. */
export const PORT_CHANNEL = 'graft:port'
/** Window to main: the studio has a dialog for closing and listens. */
export const CLOSE_LISTENING_CHANNEL = 'graft:close-listening'
/** Main to window: the window is about to close while a run is live. */
export const CLOSE_REQUESTED_CHANNEL = 'graft:close-requested'
/** Window to main: one of `CLOSE_ANSWERS`. */
export const CLOSE_ANSWER_CHANNEL = 'graft:close-answer'

export const CLOSE_ANSWERS = ['background', 'stop', 'stay'] as const
export type CloseAnswer = (typeof CLOSE_ANSWERS)[number]
