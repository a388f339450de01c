import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { FlowNodeInstance, NodeApi } from '../runtime.ts'

/** As the editor saves it: every field is a text. */
interface DeviceConfig {
  readonly device?: string
  /** Its type in the contract; not `type`, which is that of the node. */
  readonly deviceType?: string
  readonly label?: string
  readonly lat?: string
  readonly lon?: string
  readonly cadence?: string
}

export interface DeviceNode extends FlowNodeInstance {
  readonly birth: DeviceBirth | undefined
}

/** `ioc device`: a device that flows measure, which the birth of the agent announces. */
export function registerDevice(RED: NodeApi): void {
  RED.nodes.registerType('ioc device', function (config: DeviceConfig) {
    RED.nodes.createNode(this, config)
    const birth = birthOf(config)
    Object.assign(this, { birth })
    if (!birth) {
      this.error(`device "${config.device ?? ''}": expected letters, digits, "_", "." and "-"`)
      return
    }
    const withdraw = RED.settings.ioc.declare(birth)
    this.on('close', withdraw)
  })
}

/** As of `contract/names.ts`, which this process does not load. */
const slug = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/

function birthOf({
  device = '',
  deviceType = '',
  label = '',
  lat,
  lon,
  cadence,
}: DeviceConfig): DeviceBirth | undefined {
  if (!slug.test(device)) return undefined
  return {
    id: device,
    ...(slug.test(deviceType) ? { type: deviceType } : {}),
    ...(label === '' ? {} : { name: label.slice(0, 200) }),
    ...numberOf('lat', lat, -90, 90),
    ...numberOf('lon', lon, -180, 180),
    ...numberOf('cadence_s', cadence, 0.05, 31_622_400),
  }
}

function numberOf(name: string, text: string | undefined, min: number, max: number): object {
  const value = Number(text)
  return text !== undefined && text !== '' && value >= min && value <= max ? { [name]: value } : {}
}
