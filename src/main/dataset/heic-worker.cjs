// Decodes HEIC pictures with libheif compiled to WebAssembly, on a thread of its own: neither a long picture nor one that was made
// to break the decoder reaches the process. heic.ts starts it from its text, so that it need not lie anywhere as a file.
// Message: the file's bytes. Answer: { width, height, pixels } or { code, message }, libheif's own words.
const { readFileSync } = require('node:fs')
const { dirname, join } = require('node:path')
const { parentPort, workerData } = require('node:worker_threads')

// libheif.h: heif_colorspace_RGB, heif_chroma_interleaved_RGB, heif_channel_interleaved.
const RGB = 1
const INTERLEAVED_RGB = 10
const INTERLEAVED = 10
/** struct heif_error { int code; int subcode; const char *message; } */
const ERROR_BYTES = 12

const silent = () => {}
const heif = require(workerData.library)({
  wasmBinary: readFileSync(join(dirname(workerData.library), 'libheif.wasm')),
  print: silent,
  printErr: silent,
})

// The views of its memory are made anew when it grows, so each look takes the present one.
const integerAt = (address) => heif.HEAP32[address >> 2]

function textAt(address) {
  const end = heif.HEAPU8.indexOf(0, address)
  return Buffer.from(heif.HEAPU8.subarray(address, end)).toString('utf8')
}

class HeifError extends Error {
  constructor(code, message) {
    super(message)
    this.code = code
  }
}

/** Functions of libheif that can fail take the place for the error first. */
function check(call) {
  const error = heif._malloc(ERROR_BYTES)
  try {
    call(error)
    if (integerAt(error) !== 0) throw new HeifError(integerAt(error), textAt(integerAt(error + 8)))
  } finally {
    heif._free(error)
  }
}

/** What a function writes to the place of its last argument: a pointer or an integer. */
function written(call) {
  const place = heif._malloc(4)
  try {
    call(place)
    return integerAt(place)
  } finally {
    heif._free(place)
  }
}

function rows(image) {
  const width = heif._heif_image_get_width(image, INTERLEAVED)
  const height = heif._heif_image_get_height(image, INTERLEAVED)
  let plane = 0
  const stride = written((place) => (plane = heif._heif_image_get_plane_readonly(image, INTERLEAVED, place)))
  if (plane === 0 || width <= 0 || height <= 0) throw new HeifError(-1, 'No pixels came.')
  const pixels = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) pixels.set(heif.HEAPU8.subarray(plane + y * stride, plane + y * stride + width * 3), y * width * 3)
  return { width, height, pixels }
}

/** The primary picture, turned and cropped as the file says. */
function decode(bytes) {
  const context = heif._heif_context_alloc()
  const file = heif._malloc(bytes.length)
  let handle = 0
  let image = 0
  try {
    heif.HEAPU8.set(bytes, file)
    heif._heif_context_set_maximum_image_size_limit(context, workerData.maximumSide)
    check((error) => heif._heif_context_read_from_memory_without_copy(error, context, file, bytes.length, 0))
    handle = written((place) => check((error) => heif._heif_context_get_primary_image_handle(error, context, place)))
    image = written((place) => check((error) => heif._heif_decode_image(error, handle, place, RGB, INTERLEAVED_RGB, 0)))
    return rows(image)
  } finally {
    if (image !== 0) heif._heif_image_release(image)
    if (handle !== 0) heif._heif_image_handle_release(handle)
    heif._heif_context_free(context)
    heif._free(file)
  }
}

parentPort.on('message', (bytes) => {
  try {
    const picture = decode(bytes)
    parentPort.postMessage(picture, [picture.pixels.buffer])
  } catch (error) {
    // Anything else has left the library in an unknown state: the thread ends of it and the next picture has a new one.
    if (!(error instanceof HeifError)) throw error
    parentPort.postMessage({ code: error.code, message: error.message })
  }
})
parentPort.postMessage('ready')
