import { expiryState, renewalFrom } from '@ioc/contract/credential-expiry.ts'
import type { ChannelName } from '@ioc/contract/district/people.ts'
import { causeId, parseThing, type ThingId, type ThingKind, thingId } from '@ioc/contract/messages/incidents.ts'
import type { CentreChecks, Disk } from './centre-checks.ts'
import type { Channel } from './channels/channel.ts'
import { failingAfter } from './escalation.ts'
import { channelThing, type EscalationState, rotaThing } from './escalation-state.ts'
import type { WatchEvent } from './machine.ts'
import type { WatchState } from './state.ts'

const dayMs = 86_400_000
/** A person is asked to renew an authorization so long before its end, in ms. */
const renewalMs = 14 * dayMs
/** Certificates that renew themselves do so 30 days before their end: with less than this left, in ms, that has failed. */
const certificateMs = 21 * dayMs
/** Free space below which a disk is filling, and full: a share of it, or so many bytes where that is less. */
const filling = { share: 0.1, bytes: 20e9 }
const full = { share: 0.03, bytes: 5e9 }
/** So many times the limit must be free before it is over. */
const diskHysteresis = 1.2

const diskThing = thingId('disk', 'data')

type Problems = Pick<WatchState, 'problems'>
type Wrong = Map<ThingId, { readonly state: string; readonly since: number }>

/** What is wrong with the notification itself: channels that fail, rotas in which an incident found nobody. */
export function observeNotification(
  { health, gaps }: EscalationState,
  channels: ReadonlyMap<ChannelName, Channel>,
  state: Problems,
  now: number,
): readonly WatchEvent[] {
  const wrong: Wrong = new Map()
  for (const [rota, since] of gaps) wrong.set(rotaThing(rota), { state: 'nobody_on_call', since })
  for (const [name, channel] of channels) {
    const until = channel.authorizedUntil?.()
    if (until !== undefined && until < now + renewalMs)
      wrong.set(channelThing(name), { state: 'expiring', since: until - renewalMs })
  }
  for (const [name, { failures, since }] of health)
    if (failures >= failingAfter) wrong.set(channelThing(name), { state: 'failing', since })
  return changesOf(wrong, ['channel', 'rota'], state, now)
}

/** What is wrong with the machine of the centre, with the certificates that it is reached by, and with credentials. */
export function observeCentre(
  { disk, certificates, credentials }: CentreChecks,
  state: Problems,
  now: number,
): readonly WatchEvent[] {
  const wrong: Wrong = new Map()
  for (const [endpoint, until] of certificates) {
    const thing = thingId('certificate', endpoint)
    if (until <= now) wrong.set(thing, { state: 'expired', since: until })
    else if (until < now + certificateMs) wrong.set(thing, { state: 'expiring', since: until - certificateMs })
  }
  for (const { thing, ...validity } of credentials) {
    const found = expiryState(validity, now)
    const since = found === 'expired' ? validity.expires : (renewalFrom(validity) ?? now)
    if (found !== 'valid') wrong.set(thing, { state: found, since })
  }
  const before = state.problems.get(causeId(diskThing, 'stopped'))
  const ofDisk = disk ? diskState(disk, before?.state) : before?.state
  if (ofDisk !== undefined) wrong.set(diskThing, { state: ofDisk, since: before?.since ?? now })
  return changesOf(wrong, ['disk', 'certificate', 'credential'], state, now)
}

/** @param before the state so far */
function diskState({ freeBytes, totalBytes }: Disk, before: string | undefined): 'filling' | 'full' | undefined {
  const isBelow = ({ share, bytes }: typeof filling, isSo: boolean) =>
    freeBytes < Math.min(share * totalBytes, bytes) * (isSo ? diskHysteresis : 1)
  if (isBelow(full, before === 'full')) return 'full'
  return isBelow(filling, before !== undefined) ? 'filling' : undefined
}

/** Of the kinds, what became wrong, changed, or is over. */
function changesOf(
  wrong: Wrong,
  kinds: readonly ThingKind[],
  { problems }: Problems,
  now: number,
): readonly WatchEvent[] {
  const ended = [...problems.values()].filter(
    ({ thing }) => kinds.includes(parseThing(thing).kind) && !wrong.has(thing),
  )
  const observed = (thing: ThingId, state: string | null, since: number): WatchEvent => ({
    kind: 'observed',
    observation: { thing, aspect: 'stopped', state, since },
  })
  return [
    ...ended.map(({ thing }) => observed(thing, null, now)),
    ...[...wrong]
      .filter(([thing, { state }]) => problems.get(causeId(thing, 'stopped'))?.state !== state)
      .map(([thing, { state, since }]) => observed(thing, state, since)),
  ]
}
