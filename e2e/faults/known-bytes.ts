/** What the fault specs write: nothing that another epoch or size could have. */

/** Of each of a checkpoint's two files of tensors. */
export const EXAMPLE_BYTES = 40_000

/** Bytes that only one epoch has. */
export function tensorsOf(epoch: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, at) => (epoch * 31 + at * 7 + (at >> 8)) % 251)
}
