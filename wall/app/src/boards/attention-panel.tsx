import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'
import type { AttentionItem } from '../../../shared/live-frame.ts'
import { formatNumber, formatValue } from '../format.ts'
import { AttentionList, type AttentionText } from '../panels/attention/attention-list.tsx'
import { boardOfItem } from '../shell/kiosk.ts'
import { attention, descriptors, now } from '../state.ts'
import { say, sayGroup, sayProcess, sayTitle } from '../words.ts'
import { names } from './district-names.ts'
import { boardWord } from './words.ts'

/** What needs attention, as the live topic has it: the home board's table knows only indicators that are stored. */
export function AttentionPanel() {
  return <AttentionList attention={attention.value} now={now.value} describe={describe} allHref="/d/ioc-devices" />
}

function describe(item: AttentionItem): AttentionText {
  const { scope, key } = item
  const board = `/d/${boardOfItem(item)}`
  const [site = '', device = ''] = key.split('/')
  switch (scope) {
    case 'device':
      return {
        what: whatOf(item),
        where: names.value.tag('device', device, { site }),
        href: `/devices/${site}/${device}`,
      }
    case 'site':
      return { what: whatOf(item), where: names.value.tag('site', key, {}), href: `/sites/${key}` }
    case 'node':
      return { what: whatOf(item), where: names.value.tag('site', site, {}), href: `/sites/${site}` }
    case 'area':
      return { what: whatOf(item), where: names.value.tag('area', key, {}), href: `${board}?var-area=${key}` }
    case 'district':
      return { what: whatOf(item), where: say('district'), href: board }
    case 'process':
      return { what: whatOf(item), where: sayProcess(key), href: board }
    default:
      return scope satisfies never
  }
}

function whatOf({ kind, id = '', group, value, count = 1 }: AttentionItem): string {
  switch (kind) {
    case 'indicator': {
      const descriptor = descriptors.value.get(id)
      const title = descriptor ? sayTitle(descriptor.title) : id
      const named = group === undefined ? title : `${title}: ${sayGroup(group)}`
      return value === undefined ? named : `${named}: ${valueText(value, descriptor)}`
    }
    case 'silent':
      return count > 1 ? `${formatNumber(count)} ${boardWord('silentDevices')}` : boardWord('silentDevice')
    case 'offline':
      return boardWord('offlineNode')
    case 'lost':
      return boardWord('lostMessages')
    case 'down':
      return boardWord('downProcess')
    default:
      return kind satisfies never
  }
}

function valueText(value: number, descriptor: IndicatorDescriptor | undefined): string {
  const { figure, unit } = formatValue(value, descriptor?.unit ?? '', descriptor?.source)
  return `${figure} ${unit}`.trim()
}
