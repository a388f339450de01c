import type { AlertingCommand } from '@ioc/contract/messages/alerting-command.ts'
import type { AuditEntry } from './audit-log.ts'

/** What is written down of a command to the watch. */
export function commandEntry(command: AlertingCommand): Pick<AuditEntry, 'what' | 'target' | 'detail'> {
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
    default:
      return command satisfies never
  }
}
