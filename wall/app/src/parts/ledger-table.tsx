import type { LiveLedger, LiveProblem } from '@ioc/contract/messages/live.ts'
import { formatAge, formatNumber, formatOffset } from '../format.ts'
import { language } from '../preferences.ts'
import { ledgers, now } from '../state.ts'
import { sayProblem } from '../words.ts'
import { Table } from './table.tsx'

/** A clock that is off by more than this is worth a look. */
const offsetLimitMs = 5_000

const counts = ['sent', 'stored', 'duplicates', 'queued'] as const
/** The level of what is counted, where it is more than 0. */
const levels = { lost: 2, rejected: 1, over_quota: 1, reused: 1, corrected: 0 } as const
/** Columns that appear only while a node has something in them. */
const rare = ['over_quota', 'reused', 'corrected'] as const

/** Whether all that was sent arrived. */
export function LedgerTable() {
  const rows = ledgers.all()
  const exceptions = ['lost', 'rejected', ...rare.filter((name) => rows.some((row) => row[name] > 0))] as const
  const columns = ['node', ...counts, ...exceptions, 'offset', 'problem'] as const
  return (
    <Table id="ledger" title="ledger" columns={columns} rows={rows}>
      {(row: LiveLedger) => (
        <tr key={`${row.site}/${row.node}`} data-testid={`ledger-${row.site}/${row.node}`}>
          <th scope="row">
            {row.site}/{row.node}
          </th>
          {counts.map((name) => (
            <td key={name} class="number" data-testid={`ledger-${name}`}>
              {formatNumber(row[name])}
            </td>
          ))}
          {exceptions.map((name) => (
            <Exception key={name} name={name} count={row[name]} level={levels[name]} />
          ))}
          <td class="number">
            {Math.abs(row.offset_ms) > offsetLimitMs ? (
              <span class="badge level-1">{formatOffset(row.offset_ms)}</span>
            ) : (
              formatOffset(row.offset_ms)
            )}
          </td>
          <Problem problem={row.problem} />
        </tr>
      )}
    </Table>
  )
}

function Exception({ name, count, level }: { readonly name: string; readonly count: number; readonly level: number }) {
  return (
    <td class="number" data-testid={`ledger-${name}`}>
      {count > 0 && level > 0 ? <span class={`badge level-${level}`}>{formatNumber(count)}</span> : formatNumber(count)}
    </td>
  )
}

/** The last rejection: what it is, when, and the exact reason, which is in English. */
function Problem({ problem }: { readonly problem: LiveProblem | null }) {
  if (!problem) return <td data-testid="ledger-problem">–</td>
  return (
    <td class="problem" data-testid="ledger-problem" title={problem.reason}>
      {sayProblem(problem.code)}, {formatAge(now.value - problem.ts)}
      {language.value === 'en' && <small>{problem.reason}</small>}
    </td>
  )
}
