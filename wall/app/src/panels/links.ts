import type { Link, Panel } from '../../../shared/boards/board.ts'
import type { Field } from '../fields/frame.ts'
import type { PanelProps } from './panel.ts'

/** Where a value leads: the first link of its field, else of its panel. */
export function hrefOf(panel: Panel, field: Field, linkTo: PanelProps['linkTo']): string | undefined {
  const link: Link | undefined = field.config.links?.[0] ?? panel.links?.[0]
  return link && linkTo(link.url, field.labels)
}
