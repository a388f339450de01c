import { defineConfig } from 'vitest/config'

const runs = process.env['IOC_PROPERTY_RUNS']

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    globalSetup: ['./vitest.folder.ts'],
    setupFiles: ['./vitest.setup.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Tests start real servers and browsers: generous, so that only a hang fails. Properties may be asked for more runs.
    testTimeout: runs === undefined ? 300_000 : Math.max(3_600_000, 6_000 * Number(runs)),
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    // One more than the two cores of a small machine: tests wait for servers and browsers a quarter of the time.
    maxWorkers: 3,
  },
})
