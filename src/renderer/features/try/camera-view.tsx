/** The camera: what it sees, and a button that tries it. It is on only while this is shown. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconCamera } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { cameraProblem, type CameraProblem } from './camera-problem'
import classes from './try-pane.module.css'

type CameraState = { kind: 'asking' } | { kind: 'live'; stream: MediaStream } | { kind: 'failed'; problem: CameraProblem }

/** Close to what cameras give as a photograph; the network sees less of it anyway. */
const WANTED: MediaStreamConstraints = { video: { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: 'environment' }, audio: false }
const JPEG_QUALITY = 0.95

export function CameraView(props: { onPicture: (file: File) => void; onClose: () => void }) {
  const { onPicture, onClose } = props
  const [state, setState] = useState<CameraState>({ kind: 'asking' })
  const [attempt, setAttempt] = useState(0)
  const video = useRef<HTMLVideoElement>(null)
  const taken = useRef(0)

  useEffect(() => {
    let stream: MediaStream | null = null
    let isLeft = false
    const end = (): void => stream?.getTracks().forEach((track) => track.stop())
    setState({ kind: 'asking' })
    openCamera().then(
      (opened) => {
        stream = opened
        if (isLeft) return end()
        // Pulled out, or taken away by the system.
        for (const track of opened.getTracks()) track.addEventListener('ended', () => setState({ kind: 'failed', problem: cameraProblem(null) }))
        setState({ kind: 'live', stream: opened })
      },
      (error: unknown) => {
        if (!isLeft) setState({ kind: 'failed', problem: cameraProblem(error) })
      },
    )
    return () => {
      isLeft = true
      end()
    }
  }, [attempt])

  useEffect(() => {
    if (state.kind === 'live' && video.current !== null) video.current.srcObject = state.stream
  }, [state])

  const take = async (): Promise<void> => {
    const element = video.current
    if (element === null || element.videoWidth === 0) return
    const canvas = document.createElement('canvas')
    canvas.width = element.videoWidth
    canvas.height = element.videoHeight
    canvas.getContext('2d')?.drawImage(element, 0, 0)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', JPEG_QUALITY))
    if (blob !== null) onPicture(new File([blob], `${t`Camera ${{ number: ++taken.current }}`}.jpg`, { type: 'image/jpeg' }))
  }

  return (
    <section className={classes.camera} aria-label={t`Camera`}>
      <div className={classes.cameraStage}>
        {state.kind === 'live' && <video ref={video} autoPlay playsInline muted aria-label={t`What the camera sees`} />}
        {state.kind === 'asking' && (
          <p className={classes.cameraWords} role="status">
            {window.graft === undefined ? t`Waiting for the camera. The browser may ask you for it.` : t`Waiting for the camera. The system may ask you for it.`}
          </p>
        )}
        {state.kind === 'failed' && (
          <div className={classes.cameraWords} role="alert">
            <p className="strong">{state.problem.title}</p>
            <p>{state.problem.action}</p>
          </div>
        )}
      </div>
      <div className={classes.cameraTools}>
        {state.kind === 'failed' ? (
          <Button onClick={() => setAttempt((count) => count + 1)}>
            <Trans>Try again</Trans>
          </Button>
        ) : (
          <Button leftSection={<IconCamera size={14} aria-hidden />} disabled={state.kind !== 'live'} onClick={() => void take()}>
            <Trans>Take picture</Trans>
          </Button>
        )}
        <Button variant="default" onClick={onClose}>
          <Trans>Close camera</Trans>
        </Button>
      </div>
    </section>
  )
}

function openCamera(): Promise<MediaStream> {
  // Left out of pages that came over the network without encryption, whatever their types say.
  const devices: MediaDevices | undefined = navigator.mediaDevices
  if (devices === undefined) return Promise.reject(new DOMException('', 'SecurityError'))
  return devices.getUserMedia(WANTED)
}
