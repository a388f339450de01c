import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'
import type { AttentionItem } from '../../../shared/live-frame.ts'
import { formatNumber, formatValue } from '../format.ts'
import { descriptors } from '../state.ts'
import { sayGroup, sayTitle } from '../words.ts'
import { sayShell } from './words.ts'

/** What is wrong, in words: the indicator with its value, or what is silent, away, lost or down. */
export function attentionTitle({ kind, scope, id = '', group, value, count = 1 }: AttentionItem): string {
  switch (kind) {
    case 'indicator': {
      const descriptor = descriptors.value.get(id)
      const title = descriptor ? sayTitle(descriptor.title) : id
      const named = group === undefined ? title : `${title}: ${sayGroup(group)}`
      return value === undefined ? named : `${named}: ${valueText(value, descriptor)}`
    }
    case 'silent':
      if (scope === 'site') return `${sayShell('silentSite')} (${devicesText(count)})`
      return sayShell('silentDevice')
    case 'offline':
      return count > 1 ? `${sayShell('offlineNode')} (${devicesText(count)})` : sayShell('offlineNode')
    case 'lost':
      return value === undefined
        ? sayShell('lostMessages')
        : `${formatNumber(value)} ${sayShell(value === 1 ? 'lostOne' : 'lostSome')}`
    case 'down':
      return sayShell('downProcess')
    default:
      return kind satisfies never
  }
}

function valueText(value: number, descriptor: IndicatorDescriptor | undefined): string {
  const { figure, unit } = formatValue(value, descriptor?.unit ?? '', descriptor?.source)
  // In one line: a unit alone in the next one is not read.
  return unit === '' ? figure : `${figure}\u00a0${unit}`
}

const devicesText = (count: number): string =>
  `${formatNumber(count)} ${sayShell(count === 1 ? 'deviceOne' : 'deviceSome')}`
