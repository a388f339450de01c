import { optionSchema } from '@ioc/contract/options.ts'

/** Settings of Node-RED, which are those of the machine: flows cannot change them. */
export const nodeRedOptions = optionSchema({
  nodeRed: {
    type: 'boolean',
    default: true,
    title: 'Run flows of Node-RED, where it is installed with the agent',
  },
  nodeRedMaxMb: {
    type: 'integer',
    default: 160,
    minimum: 64,
    maximum: 4_096,
    unit: 'MB',
    title: 'Memory of Node-RED; it is restarted when it exceeds this for a minute',
  },
  nodeRedMaxMemoryS: {
    type: 'number',
    default: 60,
    minimum: 1,
    maximum: 3_600,
    unit: 's',
    title: 'Time for which Node-RED may exceed its memory',
  },
  nodeRedHangS: {
    type: 'number',
    default: 15,
    minimum: 2,
    maximum: 600,
    unit: 's',
    title: 'Time without a turn of its event loop after which Node-RED is restarted',
  },
  nodeRedProbeS: {
    type: 'number',
    default: 60,
    minimum: 0.1,
    maximum: 3_600,
    unit: 's',
    title: 'Time that new flows must run before they replace the last ones',
  },
  nodeRedFolders: {
    type: 'string',
    default: '',
    title: 'Folders that flows may read, separated as in PATH',
  },
  nodeRedHost: {
    type: 'string',
    default: '127.0.0.1',
    title: 'Address of the editor of Node-RED while it is open',
  },
  nodeRedPort: {
    type: 'integer',
    default: 1880,
    minimum: 0,
    maximum: 65_535,
    title: 'Port of the editor of Node-RED while it is open',
  },
})
