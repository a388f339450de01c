import type { Panel } from '../../../shared/boards/board.ts'
import { formatNumber } from '../format.ts'
import { withQuery } from '../shell/location.ts'
import { label } from './words.ts'
import './others.css'

/** How many more there are than fit, with the way to them: the panel on the whole page, as Grafana addresses it. */
export function Others({ panel, count }: { readonly panel: Panel; readonly count: number }) {
  if (count <= 0) return null
  return (
    <a class="others" href={withQuery({ viewPanel: String(panel.id) })}>
      + {formatNumber(count)} {label('others')}
    </a>
  )
}
