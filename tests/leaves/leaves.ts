/** An example of what a contributor adds: new files, and changes of existing ones. Paths are those of the repository. */
export interface Leaf {
  readonly files?: Readonly<Record<string, string>>
  /** In a file: what is found once, and what it is replaced by. */
  readonly edits?: readonly (readonly [path: string, find: string, replacement: string])[]
}

const before = (line: string, added: string): [string, string] => [line, `${added}\n${line}`]

/** One for each row of "I want to add…" in CONTRIBUTING.md. They use each other. */
export const leaves: Readonly<Record<string, Leaf>> = {
  'a device': {},
  'a device type': {
    files: {
      'contract/device-types/leaf.ts': `import { deviceType, number } from './device-type.ts'

export const leaf = deviceType({
  id: 'leaf',
  title: { vi: 'Lá', en: 'Leaf' },
  cadence_s: 60,
  metrics: { length_mm: number('mm', 'Chiều dài', 'Length', [0, 1_000]) },
})
`,
    },
    edits: [
      [
        'contract/device-types/table.ts',
        ...before("import { lodging } from './lodging.ts'", "import { leaf } from './leaf.ts'"),
      ],
      ['contract/device-types/table.ts', ...before('  lodging,', '  leaf,')],
    ],
  },
  'a collector': {
    files: {
      'edge-agent/collectors/leaf/kind.ts': `import { fields } from '../../config/fields.ts'
import { collectorKind } from '../collector.ts'

const options = { kind: 'group', title: { vi: 'Tùy chọn', en: 'Options' }, fields: fields({}) } as const

export const leafKind = collectorKind({
  type: 'leaf',
  title: { vi: 'Lá', en: 'Leaf' },
  timeoutS: 5,
  isPeriodic: true,
  options,
  load: async () => (await import('./leaf.ts')).createLeafCollector,
})
`,
      'edge-agent/collectors/leaf/leaf.ts': `import type { Collector } from '../collector.ts'

export function createLeafCollector(): Collector {
  return {
    devices: () => [{ id: 'leaf', type: 'leaf' }],
    collect: async () => ({ measurements: [{ device: 'leaf', ts: Date.now(), values: { length_mm: 40 } }] }),
  }
}
`,
    },
    edits: [
      [
        'edge-agent/collectors/table.ts',
        ...before("import { machineKind } from './machine/kind.ts'", "import { leafKind } from './leaf/kind.ts'"),
      ],
      ['edge-agent/collectors/table.ts', ...before('  machineKind,', '  leafKind,')],
    ],
  },
  'a simulated device': {
    files: {
      'simulator/models/leaf.ts': `import type { Model } from '../model.ts'
import { forKinds, sensor } from '../sources.ts'

export const leafModel: Model = {
  name: 'leaf',
  sources: forKinds(['forest_post'], (site, world) => [
    sensor(site, world, { type: 'leaf', device: 'leaf', cadence_s: 60, measure: () => ({ length_mm: 40 }) }),
  ]),
}
`,
    },
    edits: [
      [
        'simulator/models/table.ts',
        ...before(
          "import { lodgingModel, lodgingRegistrationModel } from './lodging.ts'",
          "import { leafModel } from './leaf.ts'",
        ),
      ],
      ['simulator/models/table.ts', ...before('  lodgingModel,', '  leafModel,')],
    ],
  },
  'an indicator': {
    files: {
      'stream-processor/indicators/leaf.ts': `import { leafSpread } from '../engine/aggregates/aggregates.ts'
import { indicator } from './indicator.ts'
import { day } from './periods.ts'

export const leafIndicators = [
  indicator({
    id: 'leaf_spread_1d',
    title: { vi: 'Độ chênh chiều dài', en: 'Spread of the length' },
    about: { vi: 'Chiều dài lớn nhất trừ nhỏ nhất trong ngày.', en: 'Greatest length minus smallest length of the day.' },
    unit: 'mm',
    source: 'leaf',
    aggregates: { spread: leafSpread('length_mm') },
    window: day,
    scopes: ['device', 'district'],
    value: ({ spread }) => spread,
  }),
]
`,
    },
    edits: [
      [
        'stream-processor/indicators/table.ts',
        ...before(
          "import { publicServiceIndicators } from './public-services.ts'",
          "import { leafIndicators } from './leaf.ts'",
        ),
      ],
      [
        'stream-processor/indicators/table.ts',
        ...before("    domain('weather', ", "    domain('leaf', 'Lá', 'Leaves', leafIndicators),"),
      ],
    ],
  },
  'an aggregate': {
    edits: [
      [
        'stream-processor/engine/aggregates/aggregates.ts',
        'export function mean<',
        `/** The greatest number minus the smallest. */
export function leafSpread<M extends string>(metric: M): Aggregate<M> {
  return {
    metric,
    text: \`leafSpread(\${metric})\`,
    columns: [minColumn, maxColumn],
    read: ({ row }, [minAt = 0, maxAt = 0]) => finite((row[maxAt] ?? Number.NaN) - (row[minAt] ?? Number.NaN)),
  }
}

export function mean<`,
      ],
    ],
  },
  'a figure of cases': {
    edits: [
      ['stream-processor/engine/cases/case-events.ts', 'received: 0, closed: 0,', 'received: 0, leaf: 0, closed: 0,'],
      ['stream-processor/engine/cases/case-events.ts', '      closed: 1,', '      closed: 1,\n      leaf: 2,'],
      [
        'stream-processor/engine/cases/case-series.ts',
        '  return {\n    received,',
        '  return {\n    leaf: sums.leaf,\n    received,',
      ],
      [
        'stream-processor/indicators/case-indicator.ts',
        'export interface CaseFigures {',
        'export interface CaseFigures {\n  /** Two for each that was closed in the window. */\n  readonly leaf: number',
      ],
      [
        'stream-processor/testing/cases-oracle.ts',
        ...before('    closed: closed.length,', '    leaf: 2 * closed.length,'),
      ],
    ],
  },
  'a setting': {
    edits: [
      [
        'simulator/options.ts',
        'export const demoOptions = optionSchema({',
        "export const demoOptions = optionSchema({\n  demoLeaf: { type: 'integer', default: 3, minimum: 0, maximum: 9, title: 'Leaves' },",
      ],
    ],
  },
  'an error': {
    edits: [
      [
        'contract/errors.ts',
        'export const errorTable = {',
        "export const errorTable = {\n  LEAF_GONE: { retry: false, meaning: 'A leaf has fallen.' },",
      ],
      ['docs/errors.md', '\n| `OPTION_INVALID` ', '\n| `LEAF_GONE` | no | A leaf has fallen. |\n| `OPTION_INVALID` '],
    ],
  },
  'an `ioc` command': {
    files: {
      'hub/commands/leaf.ts': `import type { Command } from './command.ts'

export const leaf: Command = {
  usage: 'leaf',
  title: 'print the length of a leaf',
  async run() {
    process.stdout.write('40 mm\\n')
    return 0
  },
}
`,
    },
    edits: [
      ['hub/commands/table.ts', ...before('  user: async', "  leaf: async () => (await import('./leaf.ts')).leaf,")],
      ['tests/roles.test.ts', ...before("  doctor: 'nothing',", "  leaf: 'nothing',")],
    ],
  },
  'a check of `doctor`': {
    edits: [
      ['hub/doctor/checks.ts', ...before("  check('data folder',", "  check('leaf', async () => good('40 mm')),")],
    ],
  },
  'a process': {
    files: {
      'leaf/main.ts': `import { commonOptions } from '@ioc/contract/common-options.ts'
import { runProcess } from '@ioc/runtime/process.ts'

await runProcess('leaf', commonOptions, async () => ({ stop: async () => undefined, gauges: () => ({ leaves: 3 }) }))
`,
    },
    edits: [
      [
        'hub/processes.ts',
        "  {\n    name: 'wall',",
        "  { name: 'leaf', main: 'leaf/main.ts', gives: 'leaves' },\n  {\n    name: 'wall',",
      ],
    ],
  },
  'a topic of cameras': {
    edits: [
      [
        'camera-bridge/events/topics.ts',
        ...before(
          "  { topic: /FieldDetector\\/ObjectsInside$/, kind: 'intrusion', flags: ['IsInside'] },",
          "  { topic: /Leaf\\/Fallen$/, kind: 'motion', flags: ['State'] },",
        ),
      ],
    ],
  },
  'a scenario': {
    files: {
      'simulator/scenarios/leaf-fall.ts': `import { dayMs } from '../local-time.ts'
import type { Scenario } from './scenario.ts'

export const leafFall: Scenario = {
  title: { vi: 'Lá rụng', en: 'Leaf fall' },
  age_ms: 0,
  course_ms: dayMs,
  events: (begin) => [{ kind: 'smog_night', from: begin, to: begin + dayMs }],
}
`,
    },
    edits: [
      [
        'simulator/scenarios/table.ts',
        ...before("import { normal } from './normal.ts'", "import { leafFall } from './leaf-fall.ts'"),
      ],
      ['simulator/scenarios/table.ts', ...before('  smog_night: smogNight,', '  leaf_fall: leafFall,')],
    ],
  },
  'a log backend': {
    files: {
      'ingest-log/backends/leaf/leaf-log.ts': `import type { OpenLog } from '../open-log.ts'

export const openLeafLog: OpenLog = ({ path }) => {
  throw new Error(\`no leaves at \${path}\`)
}
`,
    },
    edits: [
      [
        'ingest-log/backends/table.ts',
        ...before(
          "import { openLmdbLog } from './lmdb/lmdb-log.ts'",
          "import { openLeafLog } from './leaf/leaf-log.ts'",
        ),
      ],
      ['ingest-log/backends/table.ts', 'lmdb: openLmdbLog }', 'lmdb: openLmdbLog, leaf: openLeafLog }'],
    ],
  },
  'a store': {
    files: {
      'storage/backends/leaf/leaf-store.ts': `import type { StoreBackend } from '../table.ts'

export class LeafStore implements StoreBackend {
  start = async (): Promise<number> => 0
  stop = async (): Promise<void> => undefined
}
`,
    },
    edits: [
      [
        'storage/backends/table.ts',
        'export const storeBackends = {',
        `export const storeBackends = {
  leaf: async () => {
    const { LeafStore } = await import('./leaf/leaf-store.ts')
    return () => new LeafStore()
  },`,
      ],
    ],
  },
  'a board': {
    files: {
      'grafana/boards/leaf.ts': `import { board } from './kit/board.ts'
import { tile } from './kit/tiles.ts'

export const leaf = board({
  name: 'leaf',
  title: { vi: 'Lá', en: 'Leaves' },
  group: 'environment',
  about: { vi: 'Chiều dài của lá.', en: 'How long leaves are.' },
  last: '24h',
  sections: [{ panels: [tile('leaf_spread_1d')] }],
})
`,
    },
    edits: [
      ['grafana/boards/table.ts', ...before("import { land } from './land.ts'", "import { leaf } from './leaf.ts'")],
      ['grafana/boards/table.ts', ...before('  land,', '  leaf,')],
    ],
  },
  'an area': {
    edits: [
      [
        'district/areas.yaml',
        '  # Sources state the unit and its code until',
        `  - code: "24999"
    name: Xã Lá
    lat: 11.7
    lon: 108.5
    valid_from: 2025-07-01
    valid_to: null
    successor: null
    source: { position: computed }
  # Sources state the unit and its code until`,
      ],
    ],
  },
  'a channel': {
    files: {
      'alerting/channels/leaf/channel.ts': `import type { Channel } from '../channel.ts'

export const createLeaf = (): Channel => ({ send: async () => ({ kind: 'sent' }), stop: async () => undefined })
`,
    },
    edits: [
      [
        'alerting/channels/table.ts',
        ...before("import { createMqtt } from './mqtt/channel.ts'", "import { createLeaf } from './leaf/channel.ts'"),
      ],
      ['alerting/channels/table.ts', ...before('  mqtt: ({ client }) => createMqtt(client),', '  leaf: createLeaf,')],
      ['runtime/district/people.ts', ...before('  push: null,', '  leaf: null,')],
      ['alerting/throttle.ts', ...before('  webhook: one([]),', '  leaf: one([]),')],
      ['wall/app/src/incidents/words.ts', ...before("  webhook: ['Webhook', 'Webhook'],", "  leaf: ['Lá', 'Leaf'],")],
      ['contract/district/people.ts', "'webhook', 'mqtt'] as const", "'webhook', 'leaf', 'mqtt'] as const"],
    ],
  },
  'a site of an area': {
    edits: [['district/sites.yaml', 'sites: []', 'sites:\n  - { site: cay-thong, area: "24999", name: Cây thông }']],
  },
  'a benchmark': {
    files: {
      'bench/stages/leaf.ts': `import { figure } from '../figure.ts'

export async function leaf(): Promise<void> {
  figure('leaf.length', 40, 'mm', {})
}
`,
    },
    edits: [
      ['bench/stages/table.ts', ...before("import { spine } from './spine.ts'", "import { leaf } from './leaf.ts'")],
      ['bench/stages/table.ts', ...before('  engine,', '  leaf,')],
    ],
  },
  'a room': {
    files: {
      'leaf/package.json': `{
  "name": "@ioc/leaf",
  "version": "0.1.0",
  "private": true,
  "license": "MIT",
  "type": "module",
  "dependencies": { "@ioc/contract": "0.1.0", "@ioc/runtime": "0.1.0" }
}
`,
      'leaf/README.md': '# leaf\n\nCounts leaves.\n',
    },
    edits: [
      ['package.json', '    "storage",', '    "leaf",\n    "storage",'],
      [
        '.dependency-cruiser.cjs',
        "  storage: ['contract', 'runtime'],",
        "  storage: ['contract', 'runtime'],\n  leaf: ['contract', 'runtime'],",
      ],
      ['CONTRIBUTING.md', '| `accounts/` ', '| `leaf/` | `contract`, `runtime` |\n| `accounts/` '],
    ],
  },
}
