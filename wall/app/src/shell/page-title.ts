import { computed, effect, signal } from '@preact/signals'
import { sayIncident } from '../incidents/words.ts'
import { sayNodes } from '../nodes/words.ts'
import { language } from '../preferences.ts'
import { sites } from '../state.ts'
import { say } from '../words.ts'
import { boards } from './boards.ts'
import { homeUid, route } from './location.ts'
import { sayShell } from './words.ts'

/** The name of the device whose page is open, where it has one. */
export const deviceName = signal<string | undefined>(undefined)

/** What is open, as people call it. */
export const pageTitle = computed<string>(() => {
  const open = route.value
  switch (open.page) {
    case 'board': {
      const entry = boards.value.find(({ uid }) => uid === open.uid)
      if (entry) return entry.title[language.value]
      return open.uid === homeUid ? sayShell('home') : open.uid
    }
    case 'site':
      return sites.value.get(open.site)?.name ?? open.site
    case 'device':
      return deviceName.value ?? open.device
    case 'incidents':
      return sayIncident('incidents')
    case 'incident':
      return `${sayIncident('incident')} ${open.id}`
    case 'my':
      return sayIncident('mine')
    case 'maintenance':
      return sayIncident('maintenance')
    case 'rota':
      return sayIncident('rota')
    case 'availability':
      return sayIncident('availability')
    case 'node':
      return `${open.site}/${open.node}`
    case 'nodes':
      return sayNodes('nodes')
    case 'unknown':
      return say('title')
    default:
      return open satisfies never
  }
})

export function keepDocumentTitle(): void {
  effect(() => {
    document.title = `${pageTitle.value} · ${say('shortTitle')}`
  })
}
