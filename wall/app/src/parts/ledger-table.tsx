import type { LiveLedger, LiveProblem } from '@ioc/contract/messages/live.ts'
import { formatAge, formatNumber, formatOffset } from '../format.ts'
import { ledgers, now } from '../state.ts'
import { sayProblem } from '../words.ts'
import { Table } from './table.tsx'

/** A clock that is off by more than this is worth a look. */
const offsetLimitMs = 5_000

const counts = ['sent', 'stored', 'duplicates', 'queued', 'corrected'] as const
/** Counts that are 0 while all is well, with the level of what is not. */
const badCounts = { lost: 2, rejected: 1, reused: 1, over_quota: 1 } as const
const badNames = ['lost', 'rejected', 'reused', 'over_quota'] as const

const columns = ['node', ...counts, ...badNames, 'offset', 'problem'] as const

/** Whether all that was sent arrived. */
export function LedgerTable() {
  return (
    <Table id="ledger" title="ledger" columns={columns} rows={ledgers.all()}>
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
          {badNames.map((name) => (
            <Bad key={name} name={name} count={row[name]} level={badCounts[name]} />
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

function Bad({ name, count, level }: { readonly name: string; readonly count: number; readonly level: number }) {
  return (
    <td class="number" data-testid={`ledger-${name}`}>
      {count > 0 ? <span class={`badge level-${level}`}>{formatNumber(count)}</span> : formatNumber(count)}
    </td>
  )
}

/** The last rejection: what it is, when, and the exact reason. */
function Problem({ problem }: { readonly problem: LiveProblem | null }) {
  if (!problem) return <td data-testid="ledger-problem">–</td>
  return (
    <td class="problem" data-testid="ledger-problem">
      {sayProblem(problem.code)}, {formatAge(now.value - problem.ts)}
      <small title={problem.reason}>{problem.reason}</small>
    </td>
  )
}
