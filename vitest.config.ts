import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    globalSetup: ['./vitest.folder.ts'],
    setupFiles: ['./vitest.setup.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Tests start real servers and browsers: generous, so that only a hang fails. Properties may be asked for more runs.
    testTimeout: process.env['IOC_PROPERTY_RUNS'] === undefined ? 300_000 : 3_600_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
})
