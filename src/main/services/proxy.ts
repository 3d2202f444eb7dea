/** The proxy that the usual environment variables name, and the connections made through it. */
import { EnvHttpProxyAgent, type Dispatcher } from 'undici'
import { GraftError } from '../../shared/domain/error'

export type Environment = Readonly<Record<string, string | undefined>>

/** By scheme, the first that is set counts; lower case first, as curl has it. An empty variable counts as not set. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  'https:': ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'],
  'http:': ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'],
}
const SCHEMES = ['http:', 'https:']

const CONNECT_TIMEOUT_MS = 20_000

/**
 * The proxy for addresses of this scheme, whatever NO_PROXY says.
 * @throws GraftError BAD_INPUT where the variable holds no address of an HTTP proxy
 */
export function proxyFor(protocol: string, environment: Environment): URL | null {
  const name = VARIABLES[protocol]?.find((variable) => environment[variable])
  const text = name === undefined ? undefined : environment[name]
  if (name === undefined || text === undefined) return null
  // proxy.lab:3128 alone is what most people write.
  const address = text.includes('://') ? text : `http://${text}`
  const url = URL.canParse(address) ? new URL(address) : null
  if (url !== null && SCHEMES.includes(url.protocol)) return url
  const came = url === null ? 'something else' : `one of ${url.protocol.slice(0, -1)}`
  throw new GraftError('BAD_INPUT', `${name} was expected to hold the address of an HTTP proxy (http://proxy:3128), but ${came} came.`, {
    action: 'Correct the variable, or take it away, and start Graft again.',
  })
}

/** Connections to addresses of one scheme, through the proxy that is meant for them. Close it after use. */
export function dispatcherFor(protocol: string, environment: Environment): { dispatcher: Dispatcher; proxy: URL | null } {
  const proxy = proxyFor(protocol, environment)
  const address = proxy?.href ?? ''
  // An empty address means none: what is not said is taken from the process's own environment.
  const options = { httpProxy: address, httpsProxy: address, noProxy: environment['no_proxy'] ?? environment['NO_PROXY'] ?? '' }
  return { dispatcher: new EnvHttpProxyAgent({ ...options, connect: { timeout: CONNECT_TIMEOUT_MS }, proxyTls: { timeout: CONNECT_TIMEOUT_MS } }), proxy }
}
