/** Pictures and uploads: what goes beside the contract because it is bytes. The same in the window and in the browser door. */
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { toFailure, type ErrorCode, type Failure } from '../../shared/domain/error'
import { GraftError } from '../../shared/domain/error'

/** Sides that thumbnails come in. */
const SIDES = [96, 192, 768] as const
export type ThumbnailSide = (typeof SIDES)[number]

export interface PictureRequest {
  source: { datasetId: string } | { runId: string }
  /** Relative to the dataset's root. */
  path: string
  side: ThumbnailSide
}

export interface Thumbnail {
  bytes: Uint8Array
  /** image/jpeg or image/webp: always re-encoded by us. */
  contentType: string
}

/** What the two doors need besides the router. */
export interface StudioContent {
  thumbnail(request: PictureRequest, signal: AbortSignal): Promise<Thumbnail>
  /** Takes one file of an upload. @throws GraftError REFUSED, NOT_FOUND, STORAGE */
  receiveFile(uploadId: string, path: string, body: Readable, sizeBytes: number | null): Promise<void>
}

const pathSchema = z.string().min(1).max(4096)
const sideSchema = z.coerce.number().pipe(z.literal(SIDES))

/**
 * The picture that an address of `pictureUrl` asks for.
 * @throws GraftError BAD_INPUT where the address is not one of those
 */
export function parsePictureUrl(url: URL): PictureRequest {
  const match = /^\/pictures\/(datasets|runs)\/([^/]+)$/.exec(url.pathname)
  const id = match?.[2] === undefined ? null : decode(match[2])
  const path = pathSchema.safeParse(url.searchParams.get('path'))
  const side = sideSchema.safeParse(url.searchParams.get('side'))
  if (match === null || id === null || !path.success || !side.success) {
    throw new GraftError('BAD_INPUT', `A picture's address was expected (/pictures/datasets or runs/ID?path=...&side=${SIDES.join('|')}).`)
  }
  return { source: match[1] === 'datasets' ? { datasetId: id } : { runId: id }, path: path.data, side: side.data }
}

/**
 * The upload and the file in it that an address of `uploadUrl` names.
 * @throws GraftError BAD_INPUT where the address is not one of those
 */
export function parseUploadUrl(url: URL): { uploadId: string; path: string } {
  const match = /^\/uploads\/([^/]+)$/.exec(url.pathname)
  const uploadId = match?.[1] === undefined ? null : decode(match[1])
  const path = pathSchema.safeParse(url.searchParams.get('path'))
  if (uploadId === null || !path.success) throw new GraftError('BAD_INPUT', "A file's address was expected (/uploads/ID?path=...).")
  return { uploadId, path: path.data }
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null // a broken escape is a broken address
  }
}

const HTTP_STATUS: Readonly<Record<ErrorCode, number>> = {
  BAD_INPUT: 400,
  NOT_FOUND: 404,
  CONFLICT: 409,
  UNREADABLE: 422,
  REFUSED: 403,
  UNSUPPORTED: 422,
  STORAGE: 507,
  NETWORK: 502,
  OUT_OF_MEMORY: 500,
  DIVERGED: 500,
  MISMATCH: 500,
  CRASHED: 500,
  BUG: 500,
}

/** A thrown value as an HTTP answer. What is a defect shows nothing of its inside. */
export function failureResponse(error: unknown): { status: number; failure: Failure } {
  const failure = toFailure(error)
  if (failure.code === 'BUG') return { status: 500, failure: { code: 'BUG', message: 'The request failed for a reason that was not foreseen.' } }
  const { detail: _, ...shown } = failure
  return { status: HTTP_STATUS[failure.code], failure: shown }
}
