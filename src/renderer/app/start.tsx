/** Starts the studio: finds its host, then draws. */
import { I18nProvider } from '@lingui/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { words } from '../../shared/words/words'
import { setHost } from '../state/host'
import { watchMachine } from '../state/machine'
import { watchQueue } from '../state/queue'
import { watchRun } from '../state/run'
import { watchRunNews } from '../state/run-news'
import { connectBridge } from '../transport/bridge'
import { connectWebSocket } from '../transport/websocket'
import { App } from './app'

export function startStudio(): void {
  setHost(window.graft === undefined ? connectWebSocket(window.location) : connectBridge(window.graft))
  watchMachine()
  watchRun()
  watchQueue()
  watchRunNews()
  const root = document.getElementById('root')
  if (root === null) return
  createRoot(root).render(
    <StrictMode>
      <I18nProvider i18n={words}>
        <App />
      </I18nProvider>
    </StrictMode>,
  )
}
