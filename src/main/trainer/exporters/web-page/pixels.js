/** From a picture file to RGB bytes: EXIF orientation applied, transparency dropped (not blended), colour profiles not applied. */
;(() => {
  'use strict'
  const graft = (globalThis.graft ??= {})

  /** As the 2D canvas gives them; exact where nothing is transparent. */
  function canvasPixels(bitmap) {
    const canvas = document.createElement('canvas')
    canvas.width = bitmap.width
    canvas.height = bitmap.height
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (context === null) throw new Error('This browser has no canvas of that size.')
    context.drawImage(bitmap, 0, 0)
    return context.getImageData(0, 0, bitmap.width, bitmap.height).data
  }

  /** A 2D canvas forgets the colours below transparency; a texture keeps them. Null where there is no WebGL for that size. */
  function texturePixels(bitmap) {
    const gl = document.createElement('canvas').getContext('webgl')
    if (gl === null || Math.max(bitmap.width, bitmap.height) > gl.getParameter(gl.MAX_TEXTURE_SIZE)) return null
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false)
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE)
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture())
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap)
    gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer())
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, gl.getParameter(gl.TEXTURE_BINDING_2D), 0)
    const whole = gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE
    const pixels = new Uint8Array(bitmap.width * bitmap.height * 4)
    if (whole) gl.readPixels(0, 0, bitmap.width, bitmap.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels)
    gl.getExtension('WEBGL_lose_context')?.loseContext()
    return whole ? pixels : null
  }

  function isOpaque(rgba) {
    for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return false
    return true
  }

  /** (height, width, 3) bytes of a picture file or blob. Rejects where the browser cannot decode it. */
  graft.decodePicture = async (blob) => {
    const bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none', premultiplyAlpha: 'none', imageOrientation: 'from-image' })
    try {
      const { width, height } = bitmap
      const drawn = canvasPixels(bitmap)
      const rgba = isOpaque(drawn) ? drawn : (texturePixels(bitmap) ?? drawn)
      const pixels = new Uint8Array(width * height * 3)
      for (let from = 0, to = 0; to < pixels.length; from += 4) {
        pixels[to++] = rgba[from]
        pixels[to++] = rgba[from + 1]
        pixels[to++] = rgba[from + 2]
      }
      return { pixels, width, height }
    } finally {
      bitmap.close()
    }
  }
})()
