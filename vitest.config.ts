import { configDefaults, defineConfig } from 'vitest/config'

const runs = process.env['IOC_PROPERTY_RUNS']

/**
 * Rooms whose tests are of functions, or of servers that they stop: their files share a process, which imports what they have in
 * common once. They leave no global, no variable and no fake timer behind.
 */
const functions = [
  'accounts',
  'alerting',
  'broker',
  'contract',
  'edge-agent/config',
  'edge-agent/desired',
  'edge-agent/mapping',
  'edge-agent/readings',
  'grafana',
  'runtime',
  'simulator/models',
  'simulator/scenarios',
  'storage/influxql',
  'storage/line-protocol',
  'stream-processor',
  'uplink',
  'wall/server/analysis',
  'wall/shared',
]
const ofFunctions = functions.map((room) => `${room}/**/*.test.ts`)

export default defineConfig({
  test: {
    globalSetup: ['./vitest.folder.ts'],
    setupFiles: ['./vitest.setup.ts'],
    // Tests start real servers and browsers: generous, so that only a hang fails. Properties may be asked for more runs.
    testTimeout: runs === undefined ? 300_000 : Math.max(3_600_000, 6_000 * Number(runs)),
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    // One more than the two cores of a small machine: tests wait for servers and browsers a quarter of the time.
    maxWorkers: 3,
    projects: [
      { extends: true, test: { name: 'functions', include: ofFunctions, isolate: false } },
      {
        extends: true,
        test: { name: 'processes', include: ['**/*.test.ts'], exclude: [...configDefaults.exclude, ...ofFunctions] },
      },
    ],
  },
})
