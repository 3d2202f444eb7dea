import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { sourcePlugins } from '../scripts/source-plugins.mjs'

// Browser and command-line specs: one after the other, since they share the machine's one training lock.
export default defineConfig({
  root: resolve(import.meta.dirname, '..'),
  plugins: sourcePlugins(resolve(import.meta.dirname, '..')),
  test: {
    pool: 'forks',
    include: ['e2e/**/*.spec.ts'],
    fileParallelism: false,
    sequence: { concurrent: false },
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // What is waited for comes when the machine gets to it.
    expect: { poll: { timeout: 10_000 } },
    env: { TF_CPP_MIN_LOG_LEVEL: '2' },
  },
})
