import type { LiveDevice } from '@ioc/contract/messages/live.ts'
import { computed } from '@preact/signals'
import type { LiveNode } from '../../../shared/live-frame.ts'
import { isStale } from '../../../shared/stale.ts'
import { formatAge, formatInstant } from '../format.ts'
import { devices, fleet, nodes, now } from '../state.ts'
import { say, sayType } from '../words.ts'
import { Table } from './table.tsx'

/** Nodes of which no device is known: they said that they are there, and nothing more. */
const bareNodes = computed(() => {
  const withDevices = new Set(devices.all().map(({ site, node }) => `${site}/${node}`))
  return nodes.all().filter(({ site, node }) => !withDevices.has(`${site}/${node}`))
})

/** What stands out there, whether it is connected, and when it was last measured. */
export function NodesTable() {
  const columns = ['node', 'device', 'type', 'state', 'lastMeasured', 'age'] as const
  return (
    <Table id="nodes" title="nodes" columns={columns} rows={[...fleet.value, ...bareNodes.value]}>
      {(row: LiveDevice | LiveNode) =>
        'device' in row ? <DeviceRow key={`${row.site}/${row.device}/${row.type}`} row={row} /> : <NodeRow row={row} />
      }
    </Table>
  )
}

function DeviceRow({ row }: { readonly row: LiveDevice }) {
  const stale = isStale(row, now.value)
  return (
    <tr class={stale ? 'stale' : ''} data-testid={`device-${row.site}/${row.device}`} data-stale={stale}>
      <th scope="row">
        {row.site}/{row.node}
      </th>
      <td>{row.name ? `${row.name} (${row.device})` : row.device}</td>
      <td>{sayType(row.type)}</td>
      <Online online={row.online} />
      <td class="number">{row.last_ts === null ? '–' : formatInstant(row.last_ts, now.value)}</td>
      <td class={`number ${stale ? 'late' : ''}`}>
        {row.last_ts === null ? say('never') : formatAge(now.value - row.last_ts)}
      </td>
    </tr>
  )
}

function NodeRow({ row }: { readonly row: LiveNode }) {
  return (
    <tr key={`${row.site}/${row.node}`} data-testid={`node-${row.site}/${row.node}`}>
      <th scope="row">
        {row.site}/{row.node}
      </th>
      <td>{row.agent?.host ?? '–'}</td>
      <td>–</td>
      <Online online={row.online} />
      <td class="number">–</td>
      <td class="number">–</td>
    </tr>
  )
}

function Online({ online }: { readonly online: boolean }) {
  return <td>{online ? say('online') : <span class="badge level-2">{say('offline')}</span>}</td>
}
