// Takes in the code of a thread as text: `import text from './worker.ts?thread'` is that file with all it imports in one, for
// `new Worker(text, { eval: true })`. So a thread starts from the bundle, from a package's archive and in tests alike.
import { build } from 'vite'
import { words } from './words.mjs'

const MARK = '?thread'

/** A plugin for Vite; `root` is the project's folder. */
export function threadText(root) {
  return {
    name: 'thread-text',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith(MARK)) return null
      const entry = id.slice(0, -MARK.length)
      const built = await build({
        configFile: false,
        logLevel: 'error',
        plugins: [words(root)],
        ssr: { noExternal: true },
        build: { ssr: entry, write: false, minify: false, rollupOptions: { output: { format: 'cjs' } } },
      })
      const { output } = Array.isArray(built) ? built[0] : built
      for (const file of Object.keys(output[0].modules)) this.addWatchFile(file)
      return `export default ${JSON.stringify(output[0].code)}`
    },
  }
}
