/** The "may import" table: which room's code may meet which. Every other way is over the wire. */
const mayImport = {
  contract: [],
  runtime: ['contract'],
  'ingest-log': ['contract'],
  broker: ['contract', 'runtime', 'ingest-log'],
  uplink: ['contract', 'runtime'],
  'edge-agent': ['contract', 'runtime', 'uplink'],
  'camera-bridge': ['contract', 'runtime', 'uplink'],
  simulator: ['contract', 'runtime', 'uplink'],
  storage: ['contract', 'runtime'],
  'stream-processor': ['contract', 'runtime', 'ingest-log', 'storage'],
  accounts: ['contract', 'runtime'],
  wall: ['contract', 'runtime', 'accounts', 'broker/credentials', 'edge-agent/desired'],
  alerting: ['contract', 'runtime', 'accounts', 'broker/credentials'],
  grafana: ['contract', 'stream-processor/indicators'],
  hub: [
    'contract',
    'runtime',
    'accounts',
    'ingest-log/dead-letters',
    'broker/credentials',
    'broker/options',
    'storage/backends/embedded/options',
    'storage/backends/table',
    'storage/target',
    'storage/tools',
    'stream-processor/options',
    'stream-processor/indicators',
    'stream-processor/explain',
    'wall/server/options',
    'wall/server/rollout',
    'alerting/expiring-credentials',
    'alerting/options',
    'camera-bridge',
    'edge-agent/desired',
    'edge-agent/options',
    'edge-agent/launch',
    'simulator/options',
    'simulator/scenarios',
    'simulator/credentials',
    'simulator/recordings',
  ],
}

/** Tests may also start what they test against. */
const tests = '\\.test\\.ts$|/testing/|/suite\\.ts$'

const anyRoom = `^(${Object.keys(mayImport).join('|')})/`

const rooms = Object.entries(mayImport).map(([room, others]) => ({
  name: `${room}-may-import`,
  comment: `${room}/ may import only ${['itself', ...others].join(', ')}`,
  severity: 'error',
  from: { path: `^${room}/`, pathNot: tests },
  to: { path: anyRoom, pathNot: [room, ...others].map((other) => `^${other}[/.]`) },
}))

module.exports = {
  forbidden: [
    {
      name: 'windows-know-no-indicators',
      comment: 'the windowing engine imports the columns of aggregates and places, no indicators and no state',
      severity: 'error',
      from: { path: '^stream-processor/engine/(windows|aggregates)/', pathNot: tests },
      to: {
        path: '^stream-processor/',
        pathNot: '^stream-processor/engine/((windows|aggregates)/|(place|grown)\\.ts$)',
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-type-cycles',
      comment:
        'imports of types form no cycle either; a collector that is loaded when it is used has the types of its kind',
      severity: 'error',
      from: { pathNot: '^stream-processor/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['dynamic-import'] } },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^(bun|node):' } },
    {
      name: 'nothing-imports-tests-or-bench',
      severity: 'error',
      from: { pathNot: '^(tests|bench)/' },
      to: { path: '^(tests|bench)/' },
    },
    {
      name: 'leaves-stay-apart',
      comment: 'a leaf never imports its sibling',
      severity: 'error',
      from: {
        path: '^(edge-agent/collectors|storage/backends|ingest-log/backends|camera-bridge/vendors|alerting/channels)/([^/]+)/',
      },
      to: { path: '^$1/([^/]+)/', pathNot: '^$1/$2/' },
    },
    ...rooms,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'node_modules/|^\\.cache/|/dist/|\\.d\\.ts$' },
    tsPreCompilationDeps: 'specify',
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs'],
    },
  },
}
