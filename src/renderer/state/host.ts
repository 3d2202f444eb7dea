/** The one connection of this window. Set once, before anything is drawn. */
import { t } from '@lingui/core/macro'
import { GraftError } from '../../shared/domain/error'
import type { Client, Connection } from '../transport/connection'

let current: Connection | null = null

export function setHost(connection: Connection): void {
  current = connection
}

export function host(): Connection {
  if (current === null) throw new GraftError('BUG', t`The studio asked for its host before there was one.`)
  return current
}

export function client(): Client {
  return host().client
}
