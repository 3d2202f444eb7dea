/** Starts the studio: finds its host, then draws. */
import '@mantine/core/styles.css'
import '@mantine/spotlight/styles.css'
import '@fontsource-variable/inter/wght.css'
import './ui/tokens.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app'
import { setHost } from './state/host'
import { watchMachine } from './state/machine'
import { watchQueue } from './state/queue'
import { watchRunNews } from './state/run-news'
import { watchRun } from './state/run'
import { connectBridge } from './transport/bridge'
import { connectWebSocket } from './transport/websocket'

setHost(window.graft === undefined ? connectWebSocket(window.location) : connectBridge(window.graft))
watchMachine()
watchRun()
watchQueue()
watchRunNews()

const root = document.getElementById('root')
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
