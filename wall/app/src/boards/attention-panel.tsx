import type { AttentionItem } from '../../../shared/live-frame.ts'
import { AttentionList, type AttentionText } from '../panels/attention/attention-list.tsx'
import { attentionTitle } from '../shell/attention-text.ts'
import { boardOfItem } from '../shell/kiosk.ts'
import { incidentUrl } from '../shell/location.ts'
import { attention, now } from '../state.ts'
import { say, sayProcess } from '../words.ts'
import { names } from './district-names.ts'

/** What needs attention, as the live topic has it: the home board's table knows only indicators that are stored. */
export function AttentionPanel() {
  return <AttentionList attention={attention.value} now={now.value} describe={describe} allHref="/d/ioc-devices" />
}

/** What and where; it leads to the incident of its cause, where one is open. */
function describe(item: AttentionItem): AttentionText {
  const text = textOf(item)
  return item.incident === undefined ? text : { ...text, href: incidentUrl(item.incident) }
}

function textOf(item: AttentionItem): AttentionText {
  const { scope, key } = item
  const board = `/d/${boardOfItem(item)}`
  const [site = '', device = ''] = key.split('/')
  switch (scope) {
    case 'device':
      return {
        what: attentionTitle(item),
        where: names.value.tag('device', device, { site }),
        href: `/devices/${site}/${device}`,
      }
    case 'site':
      return { what: attentionTitle(item), where: names.value.tag('site', key, {}), href: `/sites/${key}` }
    case 'node':
      return { what: attentionTitle(item), where: names.value.tag('site', site, {}), href: `/sites/${site}` }
    case 'area':
      return { what: attentionTitle(item), where: names.value.tag('area', key, {}), href: `${board}?var-area=${key}` }
    case 'district':
      return { what: attentionTitle(item), where: say('district'), href: board }
    case 'process':
      return { what: attentionTitle(item), where: sayProcess(key), href: board }
    default:
      return scope satisfies never
  }
}
