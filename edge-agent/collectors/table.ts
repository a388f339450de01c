import { checkKind } from './check/kind.ts'
import type { CollectorKind } from './collector.ts'
import { execKind } from './exec/kind.ts'
import { folderKind } from './folder/kind.ts'
import { httpJsonKind } from './http-json/kind.ts'
import { machineKind } from './machine/kind.ts'
import { modbusKind } from './modbus/kind.ts'
import { mqttBridgeKind } from './mqtt-bridge/kind.ts'
import { nutKind } from './nut/kind.ts'
import { serialLineKind } from './serial-line/kind.ts'
import { snmpKind } from './snmp/kind.ts'
import { sqlViewKind } from './sql-view/kind.ts'
import { systemKind } from './system/kind.ts'

/** Every kind of collector. A new one is a folder beside `system/`, and a line here. */
export const collectorKinds: readonly CollectorKind[] = [
  systemKind,
  machineKind,
  httpJsonKind,
  modbusKind,
  snmpKind,
  mqttBridgeKind,
  folderKind,
  sqlViewKind,
  serialLineKind,
  execKind,
  checkKind,
  nutKind,
]

export function findCollectorKind(type: string): CollectorKind | undefined {
  return collectorKinds.find((kind) => kind.type === type)
}
