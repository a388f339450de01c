import type { LiveLedger } from '@ioc/contract/messages/live.ts'
import { formatNumber, formatOffset } from '../format.ts'
import { ledgers } from '../state.ts'
import { Table } from './table.tsx'

/** A clock that is off by more than this is worth a look. */
const offsetLimitMs = 5_000

const columns = ['node', 'sent', 'stored', 'duplicates', 'queued', 'lost', 'rejected', 'offset'] as const

/** Whether all that was sent arrived. */
export function LedgerTable() {
  return (
    <Table id="ledger" title="ledger" columns={columns} rows={ledgers.all()}>
      {(row: LiveLedger) => (
        <tr key={`${row.site}/${row.node}`} data-testid={`ledger-${row.site}/${row.node}`}>
          <th scope="row">
            {row.site}/{row.node}
          </th>
          {(['sent', 'stored', 'duplicates', 'queued'] as const).map((name) => (
            <td key={name} class="number" data-testid={`ledger-${name}`}>
              {formatNumber(row[name])}
            </td>
          ))}
          <Bad name="lost" count={row.lost} level={2} />
          <Bad name="rejected" count={row.rejected} level={1} />
          <td class="number">
            {Math.abs(row.offset_ms) > offsetLimitMs ? (
              <span class="badge level-1">{formatOffset(row.offset_ms)}</span>
            ) : (
              formatOffset(row.offset_ms)
            )}
          </td>
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
