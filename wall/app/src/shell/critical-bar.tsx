import { useEffect } from 'preact/hooks'
import type { AttentionItem } from '../../../shared/live-frame.ts'
import { formatAge, formatNumber } from '../format.ts'
import { subscribe } from '../live.ts'
import { areas, deviceOf, now, sites } from '../state.ts'
import { say, sayArea, sayProcess } from '../words.ts'
import { attentionTitle } from './attention-text.ts'
import { boardOfItem, criticalItems } from './kiosk.ts'
import { boardUrl } from './location.ts'
import { SoundButton } from './sound.tsx'
import { sayShell } from './words.ts'

/** Names the worst item on every board of a wall: no board may hide it. */
export function CriticalBar() {
  const [first, ...others] = criticalItems.value
  const device = first?.scope === 'device' ? first.key : undefined
  useEffect(() => (device === undefined ? undefined : subscribe([`device/${device}`])), [device])
  if (!first) return null
  return (
    <p class="critical-bar" role="alert" data-testid="critical-bar">
      <a href={boardUrl(boardOfItem(first))}>
        <span class="shape" aria-hidden="true">
          ■
        </span>{' '}
        <strong>{sayShell('critical')}:</strong> {[attentionTitle(first), placeOf(first)].filter(Boolean).join(' · ')} ·{' '}
        {formatAge(now.value - first.since)}
      </a>
      <SoundButton />
      {others.length > 0 && <span class="more">{`+ ${formatNumber(others.length)} ${sayShell('others')}`}</span>}
    </p>
  )
}

function placeOf({ scope, key }: AttentionItem): string {
  switch (scope) {
    case 'district':
      return say('district')
    case 'area':
      return sayArea(key, areas.value.get(key))
    case 'site':
      return sites.value.get(key)?.name ?? key
    case 'device':
      return deviceOf(key)?.name ?? key
    case 'node':
      return sites.value.get(key.split('/')[0] ?? '')?.name ?? key
    case 'process':
      return sayProcess(key)
    default:
      return scope satisfies never
  }
}
