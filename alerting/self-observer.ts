import type { ChannelName } from '@ioc/contract/district/people.ts'
import { causeId, parseThing, type ThingId } from '@ioc/contract/messages/incidents.ts'
import type { Channel } from './channels/channel.ts'
import { failingAfter } from './escalation.ts'
import { channelThing, type EscalationState, rotaThing } from './escalation-state.ts'
import type { WatchEvent } from './machine.ts'
import type { WatchState } from './state.ts'

/** A person is asked to renew an authorization so long before its end, in ms. */
const renewalMs = 14 * 86_400_000

/** What is wrong with the notification itself: channels that fail, rotas in which an incident found nobody. */
export function observeNotification(
  { health, gaps }: EscalationState,
  channels: ReadonlyMap<ChannelName, Channel>,
  { problems }: Pick<WatchState, 'problems'>,
  now: number,
): readonly WatchEvent[] {
  const wrong = new Map<ThingId, { readonly state: string; readonly since: number }>()
  for (const [rota, since] of gaps) wrong.set(rotaThing(rota), { state: 'nobody_on_call', since })
  for (const [name, channel] of channels) {
    const until = channel.authorizedUntil?.()
    if (until !== undefined && until < now + renewalMs)
      wrong.set(channelThing(name), { state: 'expiring', since: until - renewalMs })
  }
  for (const [name, { failures, since }] of health)
    if (failures >= failingAfter) wrong.set(channelThing(name), { state: 'failing', since })
  const ended = [...problems.values()].filter(({ thing }) => {
    const { kind } = parseThing(thing)
    return (kind === 'channel' || kind === 'rota') && !wrong.has(thing)
  })
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
