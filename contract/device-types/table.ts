import { airQuality } from './air-quality.ts'
import { budgetRevenue } from './budget-revenue.ts'
import { businessHousehold } from './business-household.ts'
import { camera } from './camera.ts'
import { clinic } from './clinic.ts'
import type { DeviceType } from './device-type.ts'
import { documentExchange } from './document-exchange.ts'
import { fileSystem } from './file-system.ts'
import { forestPost } from './forest-post.ts'
import { highCamera } from './high-camera.ts'
import { lodging } from './lodging.ts'
import { networkInterface } from './network-interface.ts'
import { notifiableDisease } from './notifiable-disease.ts'
import { planningLookup } from './planning-lookup.ts'
import { portal } from './portal.ts'
import { rainGauge } from './rain-gauge.ts'
import { reservoir } from './reservoir.ts'
import { river } from './river.ts'
import { school } from './school.ts'
import { findSelfDeclaredType } from './self-declared.ts'
import { service } from './service.ts'
import { sitePower } from './site-power.ts'
import { socioEconomic } from './socio-economic.ts'
import { soil } from './soil.ts'
import { storageDrive } from './storage-drive.ts'
import { system } from './system.ts'
import { taxArrears } from './tax-arrears.ts'
import { traffic } from './traffic.ts'
import { waterQuality } from './water-quality.ts'
import { weather } from './weather.ts'

/** Every kind of device that the centre knows. A new kind is a file beside this one, and a line here. */
export const deviceTypes = {
  system,
  file_system: fileSystem,
  network_interface: networkInterface,
  storage_drive: storageDrive,
  service,
  camera,
  high_camera: highCamera,
  site_power: sitePower,
  traffic,
  air_quality: airQuality,
  weather,
  rain_gauge: rainGauge,
  river,
  reservoir,
  water_quality: waterQuality,
  soil,
  forest_post: forestPost,
  clinic,
  notifiable_disease: notifiableDisease,
  school,
  lodging,
  budget_revenue: budgetRevenue,
  tax_arrears: taxArrears,
  business_household: businessHousehold,
  socio_economic: socioEconomic,
  planning_lookup: planningLookup,
  document_exchange: documentExchange,
  portal,
} as const satisfies Record<string, DeviceType>

export type DeviceTypeId = keyof typeof deviceTypes

/** The measurement that holds what no declared type covers. */
export const undeclared = 'undeclared'

/** The declaration of `id`, or `undefined`: `id` may come from the wire. A type of the centre wins over a self-declared one. */
export function findDeviceType(id: string): DeviceType | undefined {
  return Object.hasOwn(deviceTypes, id) ? deviceTypes[id as DeviceTypeId] : findSelfDeclaredType(id)
}
