/**
 * Bilinear resizing with antialiasing as Pillow does it (libImaging/Resample.c, 8 bits a channel): a triangle filter whose support
 * grows with the shrink factor, 22-bit fixed-point weights, across first, then down, rounded to 8 bits between the passes. The model
 * was trained on pictures resized just so; a browser's own resizing gives other answers.
 */
;(() => {
  'use strict'
  const graft = (globalThis.graft ??= {})

  const WEIGHT_BITS = 22
  const HALF = 1 << (WEIGHT_BITS - 1)

  /** For each output position: the first input position and the weights from there on, which sum to one in fixed point. */
  function axisWeights(inSize, outSize) {
    const scale = inSize / outSize
    const support = Math.max(scale, 1)
    const positions = []
    for (let position = 0; position < outSize; position++) {
      const centre = (position + 0.5) * scale
      const first = Math.max(0, Math.trunc(centre - support + 0.5))
      const end = Math.min(inSize, Math.trunc(centre + support + 0.5))
      const exact = []
      for (let at = first; at < end; at++) exact.push(Math.max(0, 1 - Math.abs((at - centre + 0.5) / support)))
      const sum = exact.reduce((a, b) => a + b, 0)
      positions.push({ first, weights: Int32Array.from(exact, (weight) => Math.trunc(0.5 + (weight / sum) * (1 << WEIGHT_BITS))) })
    }
    return positions
  }

  /**
   * One pass over bytes seen as [lines, along, step]: `along` becomes `outAlong`. Across a picture `lines` are its rows and `step` is
   * its 3 channels; down it there is one line, and a step is a whole row.
   */
  function resizeAlong(source, lines, along, step, outAlong) {
    const target = new Uint8Array(lines * outAlong * step)
    const positions = axisWeights(along, outAlong)
    let out = 0
    for (let line = 0; line < lines; line++) {
      for (const { first, weights } of positions) {
        const start = (line * along + first) * step
        for (let i = 0; i < step; i++, out++) {
          let sum = HALF
          for (let tap = 0, at = start + i; tap < weights.length; tap++, at += step) sum = (sum + Math.imul(source[at], weights[tap])) | 0
          sum >>= WEIGHT_BITS
          target[out] = sum > 255 ? 255 : sum
        }
      }
    }
    return target
  }

  /** `pixels` are (height, width, 3) bytes; the answer is (outHeight, outWidth, 3), a new array. */
  graft.resizeBilinearAntialiased = (pixels, width, height, outWidth, outHeight) => {
    if (pixels.length !== width * height * 3) throw new RangeError(`Expected ${width} x ${height} x 3 bytes, came ${pixels.length}`)
    const across = width === outWidth ? pixels.slice() : resizeAlong(pixels, height, width, 3, outWidth)
    return height === outHeight ? across : resizeAlong(across, 1, height, outWidth * 3, outHeight)
  }
})()
