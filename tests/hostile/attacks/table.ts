import type { Attack } from '../attack.ts'
import { foreignTopics, foreignWills } from './foreign-topics.ts'
import { foreignPages, manyTopics, storeInput, unfinishedHeaders } from './http.ts'
import { logins } from './logins.ts'
import { malformedPackets } from './malformed-packets.ts'
import { payloads } from './payloads.ts'
import { badPayloads, manyDevices, manyFields, stolenDevices } from './quotas.ts'
import { eavesdropping, manyFilters } from './subscriptions.ts'

/** Every kind of attack that the centre is tried with. */
export const attacks: Readonly<Record<string, Attack>> = {
  badPayloads,
  eavesdropping,
  foreignPages,
  foreignTopics,
  foreignWills,
  logins,
  malformedPackets,
  manyDevices,
  manyFields,
  manyFilters,
  manyTopics,
  payloads,
  stolenDevices,
  storeInput,
  unfinishedHeaders,
}
