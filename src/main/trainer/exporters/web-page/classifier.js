/** The model: what computes it, where it is loaded from, and its answers. */
;(() => {
  'use strict'
  const graft = (globalThis.graft ??= {})

  const BACK_ENDS = { webgl: 'WebGL', wasm: 'WebAssembly', cpu: 'plain JavaScript' }
  const WASM_FILES = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']

  /** What a person can act on: what is wrong, and what to do. */
  class Problem extends Error {
    constructor(message, action) {
      super(message)
      this.action = action
    }
  }

  /** Chromium's and Mesa's software WebGL computes right, but WebAssembly is faster. */
  function hasGraphicsCard() {
    const gl = document.createElement('canvas').getContext('webgl2')
    if (gl === null) return false
    const names = gl.getExtension('WEBGL_debug_renderer_info')
    const renderer = String(gl.getParameter(names === null ? gl.RENDERER : names.UNMASKED_RENDERER_WEBGL))
    gl.getExtension('WEBGL_lose_context')?.loseContext()
    return !/swiftshader|llvmpipe|software|basic render/i.test(renderer)
  }

  /** Half-precision WebGL, as on some phones, gives other answers. */
  const isExact = (name) => name !== 'webgl' || tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')

  /** Takes the fastest back end that works; `?backend=cpu` in the address asks for one. */
  async function startBackEnd(wasmAddress) {
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
    const addresses = Object.fromEntries(WASM_FILES.map((file) => [file, wasmAddress(file)]))
    tf.wasm?.setWasmPaths({ ...addresses, 'tfjs-backend-wasm-threaded-simd.wasm': addresses[WASM_FILES[1]] })
    const asked = new URLSearchParams(location.search).get('backend')
    const order = asked !== null ? [asked] : hasGraphicsCard() ? ['webgl', 'wasm', 'cpu'] : ['wasm', 'webgl', 'cpu']
    for (const name of order) {
      const works = await tf.setBackend(name).catch(() => false)
      if (works && (asked !== null || isExact(name))) return name
    }
    throw new Problem('This browser can run the model in none of the ways that TensorFlow.js knows.', 'Use a current Chrome, Edge, Firefox or Safari.')
  }

  /** The files of a chosen or dropped folder as TensorFlow.js takes them. */
  async function handlerOf(files) {
    const named = (name) => files.find((file) => file.name === name)
    const json = named('model.json')
    if (json === undefined) {
      throw new Problem('There is no model.json in what was given.', 'Choose the folder that holds this page, or drop all of its files.')
    }
    const wanted = await json.text().then((text) => JSON.parse(text).weightsManifest.flatMap((group) => group.paths))
    const missing = wanted.filter((name) => named(name) === undefined)
    if (missing.length > 0) {
      throw new Problem(`The model is not whole: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`, 'Give the whole folder of the export.')
    }
    return tf.io.browserFiles([json, ...wanted.map(named)])
  }

  async function readModel(files, onProgress) {
    if (files !== null) return tf.loadGraphModel(await handlerOf(files))
    try {
      return await tf.loadGraphModel('model.json', { onProgress })
    } catch (cause) {
      console.warn(cause)
      throw new Problem('The model beside this page could not be loaded.', 'Check that model.json and all group1-shard files are in this page’s folder, then try again.')
    }
  }

  /**
   * Loads the model from this page's server (`files` null) or from given files, and runs it once: kernels are compiled at first use.
   * `onProgress` is told shares of 1.
   */
  graft.openClassifier = async (files, onProgress) => {
    if (globalThis.tf === undefined) {
      throw new Problem('TensorFlow.js could not be loaded.', 'Check that page/tf.min.js is in this page’s folder, then try again.')
    }
    const blobs = new Map((files ?? []).filter((file) => file.name.endsWith('.wasm')).map((file) => [file.name, URL.createObjectURL(file)]))
    const backEnd = await startBackEnd((file) => blobs.get(file) ?? `page/${file}`)
    const model = await readModel(files, onProgress)
    const { labels, image_size: side, title } = model.metadata
    const probabilities = async (pixels) => {
      const result = tf.tidy(() => model.execute(tf.tensor4d(Int32Array.from(pixels), [1, side, side, 3], 'int32')))
      const values = await result.data()
      result.dispose()
      return values
    }
    await probabilities(new Uint8Array(side * side * 3))
    return {
      labels,
      side,
      title,
      engine: `TensorFlow.js ${tf.version['tfjs-core']}, ${BACK_ENDS[backEnd] ?? backEnd}`,
      backEnd,
      /** Float32Array, one a label, of (side, side, 3) bytes. */
      probabilities,
      /** Of a picture of any size. */
      classify: ({ pixels, width, height }) => probabilities(graft.resizeBilinearAntialiased(pixels, width, height, side, side)),
    }
  }

  graft.Problem = Problem
})()
