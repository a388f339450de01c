/**
 * The nodes that flows may use: what comes with Node-RED, but for those that run programs or open a web server of their own
 * (`exec`, `http in`, `websocket`), and the nodes of this project. Memory is spent on nodes, not on the runtime: only the
 * files of the types that the flows use are loaded, and all of them while the editor is open.
 */
export const coreNodes: Readonly<Record<string, readonly string[]>> = {
  '05-junction.js': ['junction'],
  '05-tls.js': ['tls-config'],
  '06-httpproxy.js': ['http proxy'],
  '10-file.js': ['file', 'file in'],
  '10-function.js': ['function'],
  '10-mqtt.js': ['mqtt in', 'mqtt out', 'mqtt-broker'],
  '10-switch.js': ['switch'],
  '15-change.js': ['change'],
  '16-range.js': ['range'],
  '17-split.js': ['split', 'join'],
  '18-sort.js': ['sort'],
  '19-batch.js': ['batch'],
  '20-inject.js': ['inject'],
  '21-debug.js': ['debug'],
  '21-httprequest.js': ['http request'],
  '23-watch.js': ['watch'],
  '24-complete.js': ['complete'],
  '25-catch.js': ['catch'],
  '25-status.js': ['status'],
  '31-tcpin.js': ['tcp in', 'tcp out', 'tcp request'],
  '32-udp.js': ['udp in', 'udp out'],
  '60-link.js': ['link in', 'link out', 'link call'],
  '70-CSV.js': ['csv'],
  '70-HTML.js': ['html'],
  '70-JSON.js': ['json'],
  '70-XML.js': ['xml'],
  '70-YAML.js': ['yaml'],
  '80-template.js': ['template'],
  '89-delay.js': ['delay'],
  '89-trigger.js': ['trigger'],
  '90-comment.js': ['comment'],
  '91-global-config.js': ['global-config'],
  '98-unknown.js': ['unknown'],
  'rbe.js': ['rbe'],
}

/** The folder of this project's nodes, and their types. */
export const ownNodes = { folder: 'nodes', types: ['ioc out', 'ioc in', 'ioc device'] } as const

/** What groups nodes; Node-RED defines these without a file. */
const structural = ['tab', 'group', 'subflow']

const knownTypes = new Set([...Object.values(coreNodes).flat(), ...ownNodes.types, ...structural])

/** Whether flows may have a node of this type; instances of subflows are of `subflow:ID`. */
export function isKnownType(type: string): boolean {
  return knownTypes.has(type) || type.startsWith('subflow:')
}

/** The files and folders that Node-RED loads for these types. */
export function filesOf(types: Iterable<string>): string[] {
  const used = new Set(types)
  const files = Object.entries(coreNodes).filter(([, own]) => own.some((type) => used.has(type)))
  return [ownNodes.folder, ...files.map(([file]) => file)]
}

/** Every file and folder of the palette. */
export function allFiles(): string[] {
  return [ownNodes.folder, ...Object.keys(coreNodes)]
}
