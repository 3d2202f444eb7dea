import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    pool: 'forks',
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'scripts/**/*.test.mjs'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // TensorFlow's start-up lines would bury the report.
    env: { TF_CPP_MIN_LOG_LEVEL: '2' },
  },
})
