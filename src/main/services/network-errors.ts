/** What can go wrong between this machine and a server, told apart and in words: name look-up, connection, TLS, proxy, HTTP. */
import { GraftError, isCancellation } from '../../shared/domain/error'
import { systemCode } from '../storage/storage-error'

/** An answer that is not the file. */
export class HttpStatusError extends Error {
  constructor(readonly status: number) {
    super(`HTTP status ${status}`)
    this.name = 'HttpStatusError'
  }
}

/** The body ended before all of it had come, or another part of it came than was asked for. */
export class BrokenTransferError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BrokenTransferError'
  }
}

/** Whom was asked, and through whom. */
export interface Peer {
  url: URL
  /** Null: directly. */
  proxy: URL | null
  /** What always works: fetch the file by other means. One sentence. */
  byHand: string
}

interface Problem {
  /** May be gone in a moment. */
  isPassing: boolean
  /** One sentence, after which the code is named. */
  words: (who: string) => string
  action: string
}

const ONLINE = 'Check that this machine is online.'
const PROXY_HINT = 'Behind a proxy, set HTTPS_PROXY to its address.'
const INSPECTION = 'If your network inspects secure connections, set NODE_EXTRA_CA_CERTS to the file of its certificate (PEM) and start Graft again.'

const unreachable: Problem = { isPassing: false, words: (who) => `There is no way from here to ${who} (connection`, action: `${ONLINE} ${PROXY_HINT}` }
const cut: Problem = { isPassing: true, words: (who) => `The connection to ${who} was cut again and again (connection`, action: 'Try again later: what has come is kept, and the rest is fetched.' }
const silent: Problem = { isPassing: true, words: (who) => `${who} did not answer for too long (connection, time-out`, action: `Try again later: what has come is kept. ${PROXY_HINT}` }
const unknownIssuer: Problem = { isPassing: false, words: (who) => `The certificate of ${who} is not signed by anybody this machine trusts (TLS`, action: INSPECTION }
const brokenTls: Problem = { isPassing: false, words: (who) => `No secure connection to ${who} could be made (TLS`, action: `Check that the address is one for https. ${INSPECTION}` }

/** By the code that Node or undici gives the error. */
const PROBLEMS: Readonly<Record<string, Problem>> = {
  ENOTFOUND: { isPassing: false, words: (who) => `The name ${who} could not be found (DNS`, action: `${ONLINE} ${PROXY_HINT}` },
  EAI_AGAIN: { isPassing: true, words: (who) => `No name server answered when asked for ${who} (DNS`, action: `${ONLINE} ${PROXY_HINT}` },
  ECONNREFUSED: { isPassing: false, words: (who) => `${who} refused the connection (connection`, action: `Try again later. ${PROXY_HINT}` },
  ECONNRESET: cut,
  EPIPE: cut,
  UND_ERR_SOCKET: cut,
  ETIMEDOUT: silent,
  UND_ERR_CONNECT_TIMEOUT: silent,
  UND_ERR_HEADERS_TIMEOUT: silent,
  UND_ERR_BODY_TIMEOUT: silent,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EADDRNOTAVAIL: unreachable,
  CERT_HAS_EXPIRED: { isPassing: false, words: (who) => `The certificate of ${who} has expired (TLS`, action: 'Check the date of this machine; if it is right, the server has to be mended.' },
  CERT_NOT_YET_VALID: { isPassing: false, words: (who) => `The certificate of ${who} is not valid yet (TLS`, action: 'Check the date of this machine.' },
  ERR_TLS_CERT_ALTNAME_INVALID: { isPassing: false, words: (who) => `The certificate that came is not one of ${who}'s (TLS`, action: `Check the address. ${INSPECTION}` },
  DEPTH_ZERO_SELF_SIGNED_CERT: { ...unknownIssuer, words: (who) => `The certificate of ${who} is signed by itself (TLS` },
  SELF_SIGNED_CERT_IN_CHAIN: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownIssuer,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownIssuer,
  EPROTO: brokenTls,
  UND_ERR_PRX_TLS: { ...brokenTls, action: 'Check the address of the proxy.' },
}

const STATUS_PROBLEMS: Readonly<Record<number, { words: string; action: string }>> = {
  401: { words: 'asks for a name and a password', action: 'Use an address that can be read without.' },
  403: { words: 'refuses to give the file', action: 'A network that filters what is fetched often answers so: ask who runs it.' },
  404: { words: 'has no such file', action: 'Check GRAFT_WEIGHTS_URL where it is set; else the publisher has moved the file.' },
  407: { words: 'asks for a name and a password', action: 'Put them into the proxy variable: http://name:password@proxy:port.' },
  429: { words: 'has been asked too often', action: 'Try again later: what has come is kept.' },
}
const SERVER_PROBLEM = { words: 'is out of order', action: 'Try again later: what has come is kept.' }
const OTHER_STATUS = { words: 'did not give the file', action: 'Try again later.' }

/** What of an address may be shown: never a name and password. */
export function shownHost({ host }: URL): string {
  return host
}

/** The error that has a code: undici wraps some, and several addresses tried at once come as a bundle. */
function coded(error: unknown): (Error & { code: string }) | null {
  if (!(error instanceof Error)) return null
  const code = systemCode(error)
  if (code !== undefined) return Object.assign(error, { code })
  if (error instanceof AggregateError) return coded(error.errors[0])
  return coded(error.cause)
}

/**
 * The status that a proxy answered the request for a tunnel with, or null. undici has it in the words of its error alone;
 * its version is pinned, and a test has a proxy answer so.
 */
function tunnelStatus(error: unknown): number | null {
  const found = error instanceof Error ? /^Proxy response \((\d{3})\)/.exec(error.message)?.[1] : undefined
  return found === undefined ? null : Number(found)
}

function problemOf(code: string): Problem | null {
  const known = PROBLEMS[code]
  if (known !== undefined) return known
  if (/^(ERR_SSL|ERR_TLS|CERT_)/.test(code)) return brokenTls
  // What came is not HTTP.
  if (code.startsWith('HPE_')) return { isPassing: false, words: (who) => `${who} does not speak HTTP (HTTP`, action: 'Check the address and its port.' }
  return code.startsWith('UND_ERR') ? cut : null
}

/** True where the same request may do better in a moment. */
export function isPassingProblem(error: unknown): boolean {
  if (error instanceof GraftError || isCancellation(error) || tunnelStatus(error) !== null) return false
  if (error instanceof BrokenTransferError) return true
  if (error instanceof HttpStatusError) return error.status >= 500 || error.status === 429 || error.status === 408
  const found = coded(error)
  return found !== null && (problemOf(found.code)?.isPassing ?? false)
}

/** A NETWORK failure in words. Our own errors, cancellations and what has nothing to do with a network pass through. */
export function toNetworkError(error: unknown, peer: Peer): unknown {
  if (error instanceof GraftError) return error
  // Before the cancellations, whose name undici gives to this error.
  const refusal = tunnelStatus(error)
  if (refusal !== null && peer.proxy !== null) return statusFailure(refusal, `The proxy ${shownHost(peer.proxy)}`, error, peer)
  if (isCancellation(error)) return error
  if (error instanceof HttpStatusError) {
    const who = error.status === 407 && peer.proxy !== null ? `The proxy ${shownHost(peer.proxy)}` : shownHost(peer.url)
    return statusFailure(error.status, who, error, peer)
  }
  if (error instanceof BrokenTransferError) return failure(`${cut.words(shownHost(peer.url))}).`, cut.action, error, peer)
  const found = coded(error)
  const problem = found === null ? null : problemOf(found.code)
  if (found === null || problem === null) return error
  return failure(`${problem.words(whoFailed(found, peer))}, ${found.code}).`, problem.action, error, peer)
}

/** The proxy where the error is about its name or its port, else the server. */
function whoFailed(error: Error, { url, proxy }: Peer): string {
  const server = shownHost(url)
  if (proxy === null) return server
  const isProxys = ('hostname' in error && error.hostname === proxy.hostname) || ('port' in error && error.port === Number(proxy.port || 80))
  return isProxys ? `the proxy ${shownHost(proxy)}` : `${server} (through the proxy ${shownHost(proxy)})`
}

function statusFailure(status: number, who: string, cause: unknown, peer: Peer): GraftError {
  const { words, action } = STATUS_PROBLEMS[status] ?? (status >= 500 ? SERVER_PROBLEM : OTHER_STATUS)
  return failure(`${who} ${words} (HTTP, ${status}).`, action, cause, peer)
}

function failure(message: string, action: string, cause: unknown, { url, proxy, byHand }: Peer): GraftError {
  const said = cause instanceof Error ? cause.message : String(cause)
  return new GraftError('NETWORK', message.charAt(0).toUpperCase() + message.slice(1), {
    action: `${action} ${byHand}`,
    detail: `${url.origin}${url.pathname}${proxy === null ? '' : `\nthrough the proxy ${shownHost(proxy)}`}\n${said}`,
    cause,
  })
}
