/** The browser door: a WebSocket to the origin the page came from. The cookie that came with the page authenticates it. */
import { t } from '@lingui/core/macro'
import { RPCLink } from '@orpc/client/websocket'
import { Cancelled, GraftError } from '../../shared/domain/error'
import { uploadUrl } from '../../shared/contract/contract'
import { clientOver, SwitchingLink, type Connection, type UploadOptions } from './connection'

const FIRST_DELAY_MS = 400
const LONGEST_DELAY_MS = 8000

/** Pause before the next try after this many failures in a row. */
export function retryDelayMs(attempts: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, attempts - 1))
}

export function connectWebSocket(location: Pick<Location, 'protocol' | 'host'>): Connection {
  const link = new SwitchingLink()
  const address = `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/rpc`
  let attempts = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let isTrying = false

  const connect = (): void => {
    clearTimeout(timer)
    isTrying = true
    const socket = new WebSocket(address)
    socket.binaryType = 'arraybuffer'
    const rpc = new RPCLink({ websocket: socket })
    socket.addEventListener('open', () => {
      isTrying = false
      attempts = 0
      link.use(rpc)
    })
    socket.addEventListener('close', () => {
      isTrying = false
      attempts++
      const delayMs = retryDelayMs(attempts)
      link.lose(Date.now() + delayMs, attempts)
      timer = setTimeout(connect, delayMs)
    })
  }
  connect()

  const retryNow = (): void => {
    if (link.state.kind === 'away' && !isTrying) connect()
  }
  window.addEventListener('online', retryNow)

  return { door: 'served', client: clientOver(link), link, retryNow, pathForFile: null, putFile, onCloseRequested: null, answerClose: null, onOpenRequested: null, onCommand: null }
}

/** XMLHttpRequest rather than fetch, because only it tells how much of a request's body has left. */
function putFile(uploadId: string, relativePath: string, file: File, options: UploadOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const abort = (): void => request.abort()
    const finish = (): void => options.signal.removeEventListener('abort', abort)
    request.open('PUT', uploadUrl(uploadId, relativePath))
    request.upload.onprogress = (event) => options.onSent(event.loaded)
    request.onload = () => {
      finish()
      if (request.status >= 200 && request.status < 300) resolve()
      else
        reject(
          new GraftError('STORAGE', t`The server did not take ${{ path: relativePath }} (answer ${{ status: request.status }}).`, {
            action: t`Check the space that is left on the server, then drop the folder again.`,
            detail: request.responseText.slice(0, 2000),
          }),
        )
    }
    request.onerror = () => {
      finish()
      reject(new GraftError('STORAGE', t`The connection broke while ${{ path: relativePath }} was sent.`, { action: t`Check that the server runs, then drop the folder again.` }))
    }
    request.onabort = () => {
      finish()
      reject(new Cancelled())
    }
    options.signal.addEventListener('abort', abort)
    if (options.signal.aborted) abort()
    else request.send(file)
  })
}
