/**
 * `graft://studio/`: the built studio and its pictures, with the headers that the browser door has too.
 * Security checklist: an own protocol instead of file://, secure content only, a content security policy on every page.
 */
import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { protocol } from 'electron'
import { failureResponse, parsePictureUrl, type StudioContent } from '../services/content'
import { contentSecurityPolicy, SECURITY_HEADERS } from '../services/security-headers'

export const STUDIO_SCHEME = 'graft'
export const STUDIO_HOST = 'studio'
export const STUDIO_ADDRESS = `${STUDIO_SCHEME}://${STUDIO_HOST}/`

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
}

/**
 * Makes the scheme a proper origin. To be called before the program is ready.
 * It gets neither `bypassCSP` nor service workers nor requests from other origins.
 */
export function registerStudioScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: STUDIO_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } }])
}

export interface StudioFiles {
  /** The built studio. */
  rendererDirectory: string
  content: Pick<StudioContent, 'thumbnail'>
}

export function serveStudio(files: StudioFiles): void {
  protocol.handle(STUDIO_SCHEME, (request) => answer(request, files))
}

/** The answer to one request; never rejects. Exported for its tests. */
export async function answer(request: Request, { rendererDirectory, content }: StudioFiles): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, 'Only reading is possible here.')
  if (!URL.canParse(request.url)) return refusal(400, 'The address cannot be read.')
  const url = new URL(request.url)
  if (url.protocol !== `${STUDIO_SCHEME}:` || url.host !== STUDIO_HOST) return refusal(404, 'The studio has nothing at this address.')
  try {
    if (url.pathname.startsWith('/pictures/')) {
      const { bytes, contentType } = await content.thumbnail(parsePictureUrl(url), request.signal)
      return respond(200, bytes, contentType, { 'Content-Security-Policy': "default-src 'none'; sandbox", 'Cache-Control': 'private, max-age=3600' })
    }
    const path = await confinedPath(rendererDirectory, url.pathname)
    const contentType = path === null ? undefined : CONTENT_TYPES[extname(path).toLowerCase()]
    if (path === null || contentType === undefined) return refusal(404, 'The studio has nothing at this address.')
    return respond(200, await readFile(path), contentType, { 'Cache-Control': 'no-cache' })
  } catch (error) {
    const { status, failure } = failureResponse(error)
    return refusal(status, failure.message)
  }
}

/**
 * The file that an address names, or null where it names none of ours. Links are followed before the place is compared, and
 * files whose name begins with a dot are left out.
 */
async function confinedPath(directory: string, pathname: string): Promise<string | null> {
  let decoded: string
  try {
    decoded = decodeURIComponent(pathname)
  } catch {
    return null // a broken escape names nothing
  }
  const parts = decoded.split('/').slice(1)
  if (parts.some((part) => part.startsWith('.') || /[\\:\0]/.test(part))) return null
  const asked = decoded === '/' ? ['index.html'] : parts
  try {
    const root = await realpath(directory)
    const path = await realpath(join(root, ...asked))
    return path.startsWith(root + sep) ? path : null
  } catch {
    return null // there is no such file
  }
}

function refusal(status: number, reason: string): Response {
  return respond(status, reason, 'text/plain; charset=utf-8', { 'Cache-Control': 'no-store' })
}

function respond(status: number, body: string | Uint8Array, contentType: string, headers: Readonly<Record<string, string>>): Response {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body)
  return new Response(bytes, {
    status,
    headers: { ...SECURITY_HEADERS, 'Content-Security-Policy': contentSecurityPolicy(), 'Content-Type': contentType, ...headers },
  })
}
