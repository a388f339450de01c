import type { UserCommand } from '@ioc/contract/messages/alerting-command.ts'
import type { ApiWorkEntry } from '@ioc/contract/messages/api-incidents.ts'
import type { AuditEntry } from './audit-log.ts'

/** What is written down of a command to the watch. */
export function commandEntry(command: UserCommand): Pick<AuditEntry, 'what' | 'target' | 'detail'> {
  switch (command.kind) {
    case 'acknowledge': {
      const { id, until, note } = command
      return { what: 'incident.acknowledge', target: String(id), detail: { until, note } }
    }
    case 'assign':
      return { what: 'incident.assign', target: String(command.id), detail: { to: command.to ?? '' } }
    case 'note':
      return { what: 'incident.note', target: String(command.id), detail: { text: command.text } }
    case 'resolve':
      return { what: 'incident.resolve', target: String(command.id) }
    case 'shelve': {
      const { cause, reason, until } = command
      return { what: 'cause.shelve', target: cause, detail: { reason, until } }
    }
    case 'unshelve':
      return { what: 'cause.unshelve', target: command.cause }
    case 'maintain': {
      const { id, reason, covers, from, to } = command.window
      return { what: 'maintenance.add', target: id, detail: { reason, covers: Object.values(covers).flat(), from, to } }
    }
    case 'end_maintenance':
      return { what: 'maintenance.end', target: command.id }
    case 'report': {
      const { thing, state, where, text } = command
      return { what: 'camera.alarm', target: thing, detail: { state, where, text } }
    }
    case 'override': {
      const { id, rota, person, from, to } = command.override
      return { what: 'rota.override', target: id, detail: { rota, person: person ?? '', from, to } }
    }
    case 'end_override':
      return { what: 'rota.end', target: command.id }
    case 'test_channel':
      return { what: 'channel.test', target: command.person, detail: { channel: command.channel } }
    case 'subscribe_push':
      return { what: 'push.subscribe', target: command.person, detail: { endpoint: command.subscription.endpoint } }
    case 'unsubscribe_push':
      return { what: 'push.unsubscribe', detail: { endpoint: command.endpoint } }
    default:
      return command satisfies never
  }
}

/** What is written down of an entry of the work log. */
export function workEntry({ id, site, device, what, part, cost_vnd }: ApiWorkEntry): ReturnType<typeof commandEntry> {
  const detail = { id, what, ...(part ? { part } : {}), ...(cost_vnd === undefined ? {} : { cost_vnd }) }
  return { what: 'work.add', target: `${site}/${device}`, detail }
}
