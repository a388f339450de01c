import type { IndicatorReference } from '@ioc/contract/boards/queries.ts'
import type { ApiHistory } from '@ioc/contract/messages/api.ts'
import { useMemo } from 'preact/hooks'
import { formatDay, formatValue } from '../format.ts'
import { Sparkline } from '../panels/sparkline.tsx'
import { descriptors, now } from '../state.ts'
import { useJson } from './use-json.ts'
import { boardWord } from './words.ts'

const dayMs = 86_400_000
const days = 30

/** The last 30 days of an indicator at one place, with the least and the greatest value; nothing where it is of several. */
export function LastMonth({ reference }: { readonly reference: IndicatorReference }) {
  const url = useMemo(() => historyUrl(reference), [reference.id, reference.scope, JSON.stringify(reference.tags)])
  const history = useJson<ApiHistory>(url)
  if (url === undefined || !history || history.points.length < 2) return null
  const values = history.points.map(({ value }) => value)
  const { unit = '', source } = descriptors.value.get(reference.id) ?? {}
  const text = (value: number) => {
    const { figure, unit: shown } = formatValue(value, unit, source)
    return `${figure} ${shown}`.trimEnd()
  }
  const least = values.reduce((a, b) => Math.min(a, b))
  const most = values.reduce((a, b) => Math.max(a, b))
  return (
    <>
      <dt>{`${boardWord('lastMonth')}, ${formatDay(history.from)} – ${formatDay(history.to)}`}</dt>
      <dd class="last-month">
        <Sparkline
          points={history.points.map(({ ts, value }) => [ts, value])}
          from={history.from}
          to={history.to}
          title={boardWord('lastMonth')}
        />
        <span>{`${boardWord('min')} ${text(least)} · ${boardWord('max')} ${text(most)}`}</span>
      </dd>
    </>
  )
}

/** Where the history is read; undefined where the panel shows several places or groups. */
function historyUrl({ id, scope, tags, by }: IndicatorReference): string | undefined {
  const { area, site, device, group } = tags
  const key = { district: 'district', area, site, device: site && device && `${site}/${device}` }[scope]
  const isOne = key !== undefined && by.every((tag) => tag in tags) && ![key, group].some((one) => one?.includes('$'))
  if (!isOne) return undefined
  const to = now.peek()
  const query = new URLSearchParams({ scope, key, from: String(to - days * dayMs), to: String(to) })
  if (group !== undefined) query.set('group', group)
  return `/api/indicators/${encodeURIComponent(id)}?${query}`
}
