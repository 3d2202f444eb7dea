/** graft serve */
import { realpathSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { GraftError } from '../../../shared/domain/error'
import { rendererDirectory } from '../../installation'
import { findAppBrowser, hasDisplay, openAppWindow } from '../../served/browser'
import { type RunningServer, startServer } from '../../served/server'
import { createRouter } from '../../services/router'
import { dataDirectory } from '../../storage/paths'
import { parseNumber } from '../config-options'
import { sayFailure } from '../failure'
import { formatPlural } from '../format'
import type { Verb } from '../program'
import { writeLine, type Terminal } from '../terminal'

interface ServeOptions {
  port: number
  host: string
  root?: string[]
  open?: boolean
  verbose?: boolean
}

export const serveVerb: Verb = {
  name: 'serve',
  define(command, { terminal, studio, logDirectory }) {
    command
      .description('Serve the studio to a browser: on this machine only, behind a token')
      .option('--port <port>', 'the port to listen on; 0 for any free one', parsePort, 0)
      .option('--host <address>', 'the address to listen on; anything but the loopback lets other machines in', '127.0.0.1')
      .option('--root <folder>', 'a folder that may be looked into, also given several times (default the home and the working folder)', collect)
      .option('--open', "open it in a browser's app window where there is a display")
      .option('--verbose', 'tell log-ins and refusals on stderr')
      .action(async (options: ServeOptions) => {
        const roots = (options.root ?? []).map((folder) => existingFolder(resolve(terminal.workingDirectory, folder)))
        const services = studio(roots)
        const router = createRouter(services, {
          onBug: (failure) => {
            sayFailure(failure, { terminal, logDirectory })
          },
        })
        const audit = options.verbose === true ? (line: string) => writeLine(terminal.stderr, line) : () => undefined
        const server = await startServer({ router, content: services.content, rendererDirectory: rendererDirectory(), host: options.host, port: options.port, audit })
        if (!server.isLoopback) {
          writeLine(terminal.stderr, 'Other machines can reach this studio. Whoever has the address with its token can read and write as you; the connection is not encrypted.')
        }
        writeLine(terminal.stdout, `Graft is at ${server.loginAddress}`)
        services.queue.begin()
        if (options.open === true) await openWindow(terminal, server)
        await untilSignal(terminal, () => services.runs.live.size)
        await server.close()
      })
  },
}

function parsePort(text: string): number {
  const value = parseNumber(text)
  if (value !== undefined && Number.isInteger(value) && value >= 0 && value <= 65_535) return value
  throw new GraftError('BAD_INPUT', `--port expects a whole number from 0 to 65535, but "${text}" came.`, { action: 'For example --port 8420.' })
}

const collect = (folder: string, before: string[] | undefined): string[] => [...(before ?? []), folder]

function existingFolder(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new GraftError('NOT_FOUND', `--root expects a folder, but there is none at ${path}.`, { action: 'Check the path.' })
  }
  return realpathSync(path)
}

/** A window is a convenience: where none can be opened, the printed address will do. */
async function openWindow(terminal: Terminal, server: RunningServer): Promise<void> {
  if (!hasDisplay(terminal.environment)) {
    writeLine(terminal.stderr, 'There is no display here: open the address in a browser on this machine.')
    return
  }
  const onClosed = () => writeLine(terminal.stderr, `The window was closed; the studio goes on at ${server.loginAddress} until Ctrl-C.`)
  const browser = findAppBrowser(terminal.environment)
  const isOpen = browser !== null && (await openAppWindow(browser, server.loginAddress, join(dataDirectory(), 'browser'), onClosed))
  if (!isOpen) writeLine(terminal.stderr, 'No Chromium-family browser could be opened: open the address in a browser.')
}

/** Resolves at Ctrl-C. Live runs are then stopped as the Stop button does; a second Ctrl-C ends at once. */
function untilSignal(terminal: Terminal, liveCount: () => number): Promise<void> {
  return new Promise((done) => {
    let isAsked = false
    terminal.onSignal(() => {
      if (isAsked) terminal.exit(130)
      isAsked = true
      const live = liveCount()
      if (live > 0) writeLine(terminal.stderr, `Stopping ${formatPlural(live, 'run')}; the best checkpoint is kept. Ctrl-C again ends it now.`)
      done()
    })
  })
}
