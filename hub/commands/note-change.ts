import { userInfo } from 'node:os'
import { type AuditEntry, AuditLog } from '@ioc/accounts/audit-log.ts'
import { commonOptions } from '@ioc/contract/common-options.ts'
import { readOptions } from '@ioc/contract/options.ts'

/** Writes down what somebody changed by a command, under the name of the user of the operating system. */
export function noteChange(entry: Pick<AuditEntry, 'what' | 'target' | 'detail'>): void {
  const { dataDir } = readOptions(commonOptions, process.env)
  new AuditLog(dataDir).append({ at: Date.now(), who: userInfo().username, from: 'ioc', ...entry })
}
