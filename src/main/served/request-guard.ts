/**
 * Who may ask: decided from the request's head alone, before anything else is done.
 *
 * Order: Host, then method, then Origin, then the secret. Host comes first because a page whose name was made to point at this
 * machine (DNS rebinding) has an Origin that fits its Host.
 */
import { isIP } from 'node:net'
import { cookieName, cookieValue, isSameSecret } from './token'

export interface GuardOptions {
  token: string
  /** The port this server listens on. */
  port: number
  /** Host names and addresses a browser may use, lower case, IPv6 without brackets. */
  hostNames: ReadonlySet<string>
}

export interface RequestHead {
  method: string
  /** Path and query as they came. */
  url: string
  isUpgrade: boolean
  host: string | undefined
  origin: string | undefined
  cookie: string | undefined
  authorization: string | undefined
}

export type Verdict =
  | { kind: 'pass' }
  /** The login address: set the cookie and go to the address without the token. */
  | { kind: 'log-in' }
  | { kind: 'refuse'; status: 400 | 401 | 403 | 405; reason: string }

const READING = new Set(['GET', 'HEAD'])
const CHANGING = new Set(['PUT'])

export function judge(request: RequestHead, options: GuardOptions): Verdict {
  const host = parseHost(request.host)
  if (host === null || !options.hostNames.has(host.name)) {
    return { kind: 'refuse', status: 403, reason: 'This name is not one the studio answers to. Open the address that graft serve printed.' }
  }
  if (!READING.has(request.method) && !CHANGING.has(request.method)) {
    return { kind: 'refuse', status: 405, reason: `The studio takes no ${/^[A-Z]{1,10}$/.test(request.method) ? request.method : 'such'} requests.` }
  }
  if (request.isUpgrade && request.method !== 'GET') return { kind: 'refuse', status: 405, reason: 'A WebSocket begins with GET.' }
  const hasHeaderToken = isBearer(request.authorization, options.token)
  if (!isOriginAllowed(request, host.text, hasHeaderToken)) {
    return { kind: 'refuse', status: 403, reason: 'The request came from another page than the studio.' }
  }
  const path = parsePath(request.url)
  if (path === null) return { kind: 'refuse', status: 400, reason: 'The address cannot be read.' }
  if (hasHeaderToken || hasCookie(request.cookie, options)) {
    const wantsLogIn = isLogIn(request, path) && !hasHeaderToken
    return wantsLogIn && isSameSecret(options.token, path.searchParams.get('token') ?? '') ? { kind: 'log-in' } : { kind: 'pass' }
  }
  if (isLogIn(request, path) && isSameSecret(options.token, path.searchParams.get('token') ?? '')) return { kind: 'log-in' }
  return { kind: 'refuse', status: 401, reason: 'The studio needs the address with the token that graft serve printed when it started.' }
}

/** The one place where a token in the address counts. */
function isLogIn(request: RequestHead, url: URL): boolean {
  return request.method === 'GET' && !request.isUpgrade && url.pathname === '/' && url.searchParams.has('token')
}

function isOriginAllowed(request: RequestHead, host: string, hasHeaderToken: boolean): boolean {
  if (request.origin !== undefined) return request.origin.toLowerCase() === `http://${host}`
  // A browser always names the origin of these; another program shows the token in a header instead.
  return hasHeaderToken || !(request.isUpgrade || CHANGING.has(request.method))
}

function isBearer(header: string | undefined, token: string): boolean {
  const match = /^(?:Bearer|token) +(\S+)$/i.exec(header ?? '')
  return match?.[1] !== undefined && isSameSecret(token, match[1])
}

function hasCookie(header: string | undefined, { token, port }: GuardOptions): boolean {
  const prefix = `${cookieName(port)}=`
  const expected = cookieValue(token, port)
  return (header ?? '').split(';').some((part) => {
    const pair = part.trim()
    return pair.startsWith(prefix) && isSameSecret(expected, pair.slice(prefix.length))
  })
}

/** The Host header as `name[:port]`: the name in lower case without brackets, the text as an origin writes it. */
export function parseHost(header: string | undefined): { name: string; text: string } | null {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(header ?? '')
  if (match?.[1] === undefined) return null
  const name = match[1].toLowerCase()
  const bare = name.startsWith('[') ? name.slice(1, -1) : name
  if (name.startsWith('[') && isIP(bare) !== 6) return null
  // An origin leaves the usual port out.
  return { name: bare, text: match[2] === undefined || match[2] === '80' ? name : `${name}:${Number(match[2])}` }
}

function parsePath(text: string): URL | null {
  if (!text.startsWith('/') || text.startsWith('//')) return null
  return URL.canParse(text, 'http://studio') ? new URL(text, 'http://studio') : null
}
