/** The browser door: the built studio, the contract on a WebSocket, pictures and uploads; all of it behind the guard. */
import { existsSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import fastifyWebsocket from '@fastify/websocket'
import type { AnyRouter } from '@orpc/server'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { GraftError } from '../../shared/domain/error'
import { failureResponse, parsePictureUrl, parseUploadUrl, type StudioContent } from '../services/content'
import { contentSecurityPolicy, SECURITY_HEADERS } from '../services/security-headers'
import { page } from './pages'
import { judge, parseHost, type GuardOptions } from './request-guard'
import { createSocketRegistry, MAXIMUM_MESSAGE_BYTES, PING_INTERVAL_MS } from './rpc-socket'
import { createToken, setCookieHeader } from './token'

const JSON_LIMIT_BYTES = 1024 * 1024
const HEADERS_TIMEOUT_MS = 10_000
/** For one file of an upload. */
const REQUEST_TIMEOUT_MS = 15 * 60_000
const MAXIMUM_CONNECTIONS = 256

export interface ServerOptions {
  router: AnyRouter
  content: StudioContent
  /** The built studio. */
  rendererDirectory: string
  /** The address to listen on; anything but the loopback is the caller's decision, made by a flag. */
  host: string
  /** 0: any free port. */
  port: number
  /** One line for each log-in and each refusal; never a token. */
  audit?: (line: string) => void
}

export interface RunningServer {
  port: number
  token: string
  /** Without the token. */
  address: string
  /** With the token: what a browser opens. */
  loginAddress: string
  isLoopback: boolean
  close(): Promise<void>
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/**
 * Starts listening.
 * @throws GraftError CONFLICT where the port is taken, BAD_INPUT where the address cannot be listened on
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const token = createToken()
  const guard: GuardOptions = { token, port: options.port, hostNames: hostNamesFor(options.host) }
  const server = fastify({
    bodyLimit: JSON_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS },
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500 },
  })
  server.server.maxConnections = MAXIMUM_CONNECTIONS

  addGuard(server, guard, options.audit ?? (() => undefined))
  addErrors(server)
  const sockets = createSocketRegistry(options.router)
  await server.register(fastifyWebsocket, {
    options: { maxPayload: MAXIMUM_MESSAGE_BYTES, perMessageDeflate: false },
    errorHandler: (_error, socket) => socket.terminate(),
  })
  const heart = setInterval(() => sockets.beat(performance.now()), PING_INTERVAL_MS).unref()
  server.addHook('onClose', () => clearInterval(heart))
  // In a scope of its own: routes come after the WebSocket's hooks.
  await server.register(async (scope) => {
    scope.get('/rpc', { websocket: true }, (socket) => sockets.accept(socket))
    addContent(scope, options.content)
    await addStudio(scope, options.rendererDirectory)
  })

  try {
    await server.listen({ host: options.host, port: options.port })
  } catch (error) {
    await server.close()
    throw listenError(error, options)
  }
  const bound = server.server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : options.port
  guard.port = port
  const shown = options.host === '0.0.0.0' ? hostname() : options.host === '::' ? hostname() : options.host
  const address = `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}/`
  return { port, token, address, loginAddress: `${address}?token=${token}`, isLoopback: isLoopback(options.host), close: () => server.close() }
}

/** The names that a browser may use for this server; what DNS may say about any other name does not matter then. */
function hostNamesFor(host: string): ReadonlySet<string> {
  const names = new Set(['localhost', '127.0.0.1', '::1', host.toLowerCase()])
  if (host === '0.0.0.0' || host === '::') {
    names.delete(host)
    names.add(hostname().toLowerCase())
    for (const addresses of Object.values(networkInterfaces())) for (const { address } of addresses ?? []) names.add(address.toLowerCase())
  }
  return names
}

function addGuard(server: FastifyInstance, guard: GuardOptions, audit: (line: string) => void): void {
  server.addHook('onRequest', async (request, reply) => {
    const { headers } = request.raw
    const host = parseHost(headers.host)
    reply.headers(SECURITY_HEADERS)
    reply.header('Content-Security-Policy', contentSecurityPolicy(host === null ? [] : [`ws://${host.text}`]))
    const verdict = judge(
      {
        method: request.method,
        url: request.raw.url ?? '',
        isUpgrade: headers.upgrade !== undefined,
        host: headers.host,
        origin: headers.origin,
        cookie: headers.cookie,
        authorization: headers.authorization,
      },
      guard,
    )
    if (verdict.kind === 'pass') return undefined
    if (verdict.kind === 'log-in') {
      audit(`log-in from ${request.ip}`)
      return reply.header('Cache-Control', 'no-store').header('Set-Cookie', setCookieHeader(guard.token, guard.port)).redirect('/', 303)
    }
    audit(`refused ${verdict.status} ${request.method} from ${request.ip}`)
    // The socket of an upgrade is nobody's when the upgrade is refused: left alone, it would stay open for as long as the peer likes.
    if (headers.upgrade !== undefined) reply.raw.once('finish', () => request.raw.socket.destroySoon())
    return sendPage(reply, verdict.status, verdict.reason)
  })
}

function addErrors(server: FastifyInstance): void {
  server.setNotFoundHandler((_request, reply) => sendPage(reply, 404, 'The studio has nothing at this address.'))
  server.setErrorHandler((error: unknown, request, reply) => {
    // What fastify itself refuses: a broken escape in the address, a body that is too large.
    const status = error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : null
    if (status !== null && status < 500) return sendPage(reply, status, 'The request was not what was expected.')
    const answer = failureResponse(error)
    if (request.method === 'PUT') return reply.code(answer.status).send(answer.failure)
    return sendPage(reply, answer.status, answer.failure.message)
  })
}

function addContent(scope: FastifyInstance, content: StudioContent): void {
  // Bodies are streamed on, never gathered.
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
  scope.get('/pictures/:kind/:id', async (request, reply) => {
    const { bytes, contentType } = await content.thumbnail(parsePictureUrl(addressOf(request)), signalOf(reply))
    // Ids stand for one dataset's content, so that a thumbnail never changes under its address.
    reply.header('Cache-Control', 'private, max-age=3600')
    reply.header('Content-Security-Policy', "default-src 'none'; sandbox")
    return reply.type(contentType).send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  })
  scope.put('/uploads/:id', async (request, reply) => {
    const { uploadId, path } = parseUploadUrl(addressOf(request))
    const length = Number(request.headers['content-length'] ?? NaN)
    await content.receiveFile(uploadId, path, request.raw, Number.isSafeInteger(length) ? length : null)
    return reply.code(204).send()
  })
}

async function addStudio(scope: FastifyInstance, directory: string): Promise<void> {
  if (!existsSync(join(directory, 'index.html'))) {
    scope.get('/', (_request, reply) => sendPage(reply, 503, 'Its window was not built. Run npm start, which builds it.'))
    return
  }
  await scope.register(fastifyStatic, {
    root: directory,
    dotfiles: 'deny',
    cacheControl: false,
    setHeaders: (response, path) => {
      // Built files carry a hash in their names; the page that names them does not.
      response.setHeader('Cache-Control', path.startsWith(join(directory, 'assets')) ? 'private, max-age=31536000, immutable' : 'no-cache')
    },
  })
}

function addressOf(request: FastifyRequest): URL {
  return new URL(request.raw.url ?? '/', 'http://studio')
}

/** Aborts when the browser goes away before the answer. */
function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => controller.abort())
  return controller.signal
}

function sendPage(reply: FastifyReply, status: number, reason: string): FastifyReply {
  return reply.code(status).header('Cache-Control', 'no-store').type('text/html; charset=utf-8').send(page(status, reason))
}

function listenError(error: unknown, { host, port }: ServerOptions): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'EADDRINUSE') {
    return new GraftError('CONFLICT', `Port ${port} of ${host} is in use by another program.`, { action: 'Choose another port, or --port 0 for any free one.' })
  }
  if (code === 'EACCES') return new GraftError('BAD_INPUT', `The system does not let this user listen on port ${port}.`, { action: 'Choose a port above 1023.' })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new GraftError('BAD_INPUT', `${host} is not an address of this machine.`, { action: 'Leave --host out, or give one of this machine’s addresses.' })
  }
  return error
}
