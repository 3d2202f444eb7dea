/** The secret that lets a browser in: 192 bits from the system's generator, new at each start. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const TOKEN_BYTES = 24

export function createToken(): string {
  return randomBytes(TOKEN_BYTES).toString('hex')
}

/** Equal or not, in a time that does not tell how much of the two is equal. */
export function isSameSecret(expected: string, came: string): boolean {
  const a = createHmac('sha256', 'length').update(expected).digest()
  const b = createHmac('sha256', 'length').update(came).digest()
  return timingSafeEqual(a, b)
}

/** Browsers share cookies between the ports of a host, so the name and the value are this server's own. */
export function cookieName(port: number): string {
  return `graft_${port}`
}

/** Not the token itself: who reads a cookie cannot make the address of it, and it is void for another port. */
export function cookieValue(token: string, port: number): string {
  return createHmac('sha256', token).update(`cookie for port ${port}`).digest('base64url')
}

export function setCookieHeader(token: string, port: number): string {
  return `${cookieName(port)}=${cookieValue(token, port)}; Path=/; HttpOnly; SameSite=Strict`
}

/** The text with every token in it made unreadable; for logs. */
export function redact(text: string): string {
  return text.replace(/([?&]token=)[^&\s"]+/gi, '$1[hidden]')
}
