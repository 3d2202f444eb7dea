import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { sourcePlugins } from '../scripts/source-plugins.mjs'

const root = resolve(import.meta.dirname, '..')

/** They time what the window does, or kill at a moment, and want the machine to themselves. */
const ALONE = ['e2e/compare.spec.ts', 'e2e/decide.spec.ts', 'e2e/during.spec.ts', 'e2e/faults/**/*.spec.ts']

// Browser and command-line specs; each has a person's folders of its own, and so a training lock of its own.
export default defineConfig({
  root,
  plugins: sourcePlugins(root),
  test: {
    pool: 'forks',
    sequence: { concurrent: false },
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // What is waited for comes when the machine gets to it.
    expect: { poll: { timeout: 10_000 } },
    env: { TF_CPP_MIN_LOG_LEVEL: '2' },
    projects: [
      { extends: true, test: { name: 'together', include: ['e2e/**/*.spec.ts'], exclude: ALONE, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'alone', include: ALONE, fileParallelism: false, sequence: { groupOrder: 1 } } },
    ],
  },
})
