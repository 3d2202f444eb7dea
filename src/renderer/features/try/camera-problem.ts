/** Why there is no picture of a camera, and what to do: the names are those of the Media Capture and Streams specification. */
import { t } from '@lingui/core/macro'

export interface CameraProblem {
  title: string
  action: string
}

/** @param error of `getUserMedia`; null: the camera was on and went away */
export function cameraProblem(error: unknown): CameraProblem {
  const name = error === null ? 'AbortError' : error instanceof Error ? error.name : ''
  switch (name) {
    case 'NotAllowedError':
      return { title: t`The camera was not allowed.`, action: t`Allow it for this page beside the address, or in the system’s settings, then try again.` }
    case 'NotFoundError':
    case 'OverconstrainedError':
      return { title: t`No camera was found.`, action: t`Connect one, then try again; or drop a picture.` }
    case 'NotReadableError':
      return { title: t`The camera is in use by another program.`, action: t`Close that program, then try again.` }
    case 'AbortError':
      return { title: t`The camera went away.`, action: t`Check that it is connected, then try again.` }
    case 'SecurityError':
      return { title: t`This page may not use a camera.`, action: t`Browsers give cameras to this machine’s own address and to encrypted ones only: open the studio there, or drop a picture.` }
    default:
      return { title: t`The camera could not be started.`, action: t`Try again, or drop a picture.` }
  }
}
