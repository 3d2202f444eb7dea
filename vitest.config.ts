import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { sourcePlugins } from './scripts/source-plugins.mjs'

export default defineConfig({
  plugins: sourcePlugins(import.meta.dirname),
  test: {
    pool: 'forks',
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'scripts/**/*.test.mjs'],
    // Style sheets are left out of tests but for this one, whose colours are checked for contrast.
    css: { include: [/tokens\.css/] },
    // Much of a test is starting a trainer, which one core does.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // TensorFlow's start-up lines would bury the report.
    env: { TF_CPP_MIN_LOG_LEVEL: '2' },
  },
})
