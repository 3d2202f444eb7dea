/** Why there is no picture of a camera, and what to do: the names are those of the Media Capture and Streams specification. */

export interface CameraProblem {
  title: string
  action: string
}

/** @param error of `getUserMedia`; null: the camera was on and went away */
export function cameraProblem(error: unknown): CameraProblem {
  const name = error === null ? 'AbortError' : error instanceof Error ? error.name : ''
  switch (name) {
    case 'NotAllowedError':
      return { title: 'The camera was not allowed.', action: 'Allow it for this page beside the address, or in the system’s settings, then try again.' }
    case 'NotFoundError':
    case 'OverconstrainedError':
      return { title: 'No camera was found.', action: 'Connect one, then try again; or drop a picture.' }
    case 'NotReadableError':
      return { title: 'The camera is in use by another program.', action: 'Close that program, then try again.' }
    case 'AbortError':
      return { title: 'The camera went away.', action: 'Check that it is connected, then try again.' }
    case 'SecurityError':
      return { title: 'This page may not use a camera.', action: 'Browsers give cameras to this machine’s own address and to encrypted ones only: open the studio there, or drop a picture.' }
    default:
      return { title: 'The camera could not be started.', action: 'Try again, or drop a picture.' }
  }
}
