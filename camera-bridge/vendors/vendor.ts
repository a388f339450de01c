import type { TopicRule } from '../events/topic-rule.ts'

/** How the cameras of one vendor differ from the standard. Whatever a client can learn by itself is not in here. */
export interface Vendor {
  /** Matches what `GetDeviceInformation` states as the manufacturer. */
  readonly manufacturer: RegExp
  /** Topics of events beside those of ONVIF. */
  readonly topics?: readonly TopicRule[]
  /** False: `SetSynchronizationPoint` is not sent. */
  readonly synchronizes?: false
}
