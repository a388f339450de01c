import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard'
import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import { declared } from './declarations.ts'
import type { Context } from './panel.ts'
import type { Text } from './text.ts'

export const dataLink = (title: string, url: string): Builder<DashboardLink> => ({
  build: () => ({ title, url }) as DashboardLink,
})

export const linkTitles = {
  area: { vi: 'Xem xã này', en: 'Show this area' },
  site: { vi: 'Xem điểm này', en: 'Show this site' },
  device: { vi: 'Xem thiết bị này', en: 'Show this device' },
  board: { vi: 'Mở bảng này', en: 'Open this board' },
} as const satisfies Record<string, Text>

/** Of the value that is clicked, in the words of Grafana: a label of its series, a field of its row. */
const label = (name: string): string => `\${__field.labels.${name}}`
const cell = (name: string): string => `\${__data.fields.${name}}`
const timeRange = ['$', '{__url_time_range}'].join('')

export const siteOfRow = `/d/ioc-devices?var-site=${cell('site')}`

/** Where a value leads: an area to its figures on the same board, a site to its devices, a device to its measurements. */
export function drillDown(by: readonly string[], id: string, { uid, language }: Context, source: 'labels' | 'row') {
  const of = source === 'labels' ? label : cell
  if (by.includes('device')) {
    const type = [declared(id).source, ...(declared(id).fed_by ?? [])].find(findDeviceType)
    const url = `/d/ioc-type-${type}?var-site=${of('site')}&var-device=${of('device')}&${timeRange}`
    return [{ title: linkTitles.device[language], url }]
  }
  if (by.includes('site'))
    return [{ title: linkTitles.site[language], url: `/d/ioc-devices?var-site=${of('site')}&${timeRange}` }]
  if (by.includes('area'))
    return [{ title: linkTitles.area[language], url: `/d/${uid}?var-area=${of('area')}&${timeRange}` }]
  return []
}

export const linksOf = (...of: Parameters<typeof drillDown>) =>
  drillDown(...of).map(({ title, url }) => dataLink(title, url))

/** The board of a type, at the device of the row that is clicked. */
export const deviceOfRow = (type: string): string =>
  `/d/ioc-type-${type}?var-site=${cell('site')}&var-device=${cell('device')}&${timeRange}`
