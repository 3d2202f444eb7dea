/** The names of the few messages between the window and the main process; everything else goes over the contract's port. */

/** Window to main: asks for a port. Main to window: brings it. */
export const PORT_CHANNEL = 'graft:port'
/** Window to main: the studio has a dialog for closing and listens. */
export const CLOSE_LISTENING_CHANNEL = 'graft:close-listening'
/** Main to window: the window is about to close while a run is live. */
export const CLOSE_REQUESTED_CHANNEL = 'graft:close-requested'
/** Window to main: the studio opens what it is told to. */
export const OPEN_LISTENING_CHANNEL = 'graft:open-listening'
/** Main to window: a path that the system asked to be opened. */
export const OPEN_REQUESTED_CHANNEL = 'graft:open-requested'
/** Main to window: the id of a command that was chosen from the menu. */
export const COMMAND_CHANNEL = 'graft:command'
/** Window to main: one of `CLOSE_ANSWERS`. */
export const CLOSE_ANSWER_CHANNEL = 'graft:close-answer'

export const CLOSE_ANSWERS = ['background', 'stop', 'stay'] as const
export type CloseAnswer = (typeof CLOSE_ANSWERS)[number]
