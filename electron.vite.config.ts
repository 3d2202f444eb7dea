import { cpSync, existsSync } from 'node:fs'
import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import { sourcePlugins } from './scripts/source-plugins.mjs'

const below = (path: string) => resolve(import.meta.dirname, path)

/** The entries whose file exists, so that a checkout with one part missing still builds the others. */
function existing(entries: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(entries)
      .map(([name, path]) => [name, below(path)] as const)
      .filter(([, path]) => existsSync(path)),
  )
}

const mainEntries = existing({
  index: 'src/main/index.ts',
  cli: 'src/main/cli/index.ts',
  trainer: 'src/main/trainer/entry.ts',
})
const preloadEntries = existing({ preload: 'src/main/electron/preload.ts' })
// The page is of no use without the script that it names.
const rendererEntries = existsSync(below('src/renderer/main.tsx')) ? existing({ index: 'src/renderer/index.html' }) : {}
const some = (entries: Record<string, string>) => Object.keys(entries).length > 0

/** What exports to TensorFlow.js carry along: the page's own files as they are, and the libraries that it loads. */
const webPage = {
  name: 'web-page-of-exports',
  // The bundle's own folder, which --outDir may have moved.
  writeBundle({ dir }: { dir?: string }) {
    const target = resolve(dir ?? below('out/main'), 'web-page')
    cpSync(below('src/main/trainer/exporters/web-page'), target, { recursive: true })
    const libraries = {
      'tf.min.js': 'tfjs/dist/tf.es2017.min.js',
      'tf-backend-wasm.min.js': 'tfjs-backend-wasm/dist/tf-backend-wasm.es2017.min.js',
      'tfjs-backend-wasm.wasm': 'tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm',
      'tfjs-backend-wasm-simd.wasm': 'tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
    }
    for (const [name, path] of Object.entries(libraries)) cpSync(below(`node_modules/@tensorflow/${path}`), resolve(target, name))
  },
}

// Packages named under "dependencies" in package.json stay outside the bundles; the others are bundled.
export default defineConfig({
  ...(some(mainEntries) && {
    main: {
      plugins: [webPage, ...sourcePlugins(import.meta.dirname)],
      build: {
        outDir: 'out/main',
        emptyOutDir: true,
        minify: false,
        rollupOptions: {
          // Threads are builds of their own, which take their time.
          checks: { pluginTimings: false },
          input: mainEntries,
          output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
        },
      },
    },
  }),
  ...(some(preloadEntries) && {
    preload: {
      build: {
        outDir: 'out/preload',
        emptyOutDir: true,
        minify: false,
        // A sandboxed preload script may load nothing but electron.
        externalizeDeps: false,
        rollupOptions: { input: preloadEntries, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
      },
    },
  }),
  ...(some(rendererEntries) && {
    renderer: {
      root: below('src/renderer'),
      plugins: [...sourcePlugins(import.meta.dirname), react()],
      build: {
        outDir: below('out/renderer'),
        emptyOutDir: true,
        chunkSizeWarningLimit: 2000,
        rollupOptions: { input: rendererEntries },
      },
    },
  }),
})
