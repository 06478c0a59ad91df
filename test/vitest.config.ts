import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const second = 1_000

/**
 * Three groups, one after the other, so that a slow suite's clock is not spent waiting for a busy core:
 * what needs only the processor, what needs a database or other processes, and the real browser.
 * Time limits are what a test may take on two cores; reaching one is a finding, not a reason to raise it.
 */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    globalSetup: 'test/support/shared-postgres.ts',
    pool: 'forks',
    maxWorkers: Math.max(2, Math.min(4, availableParallelism())),
    teardownTimeout: 20 * second,
    passWithNoTests: false,
    coverage: { enabled: false },
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: ['test/*.test.ts', 'test/{core,contract}/**/*.test.ts'],
          testTimeout: 10 * second,
          hookTimeout: 20 * second,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: ['test/**/*.test.ts'],
          exclude: ['test/*.test.ts', 'test/{core,contract,web}/**'],
          testTimeout: 30 * second,
          hookTimeout: 60 * second,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/web/**/*.test.ts'],
          testTimeout: 60 * second,
          hookTimeout: 60 * second,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
