import { useEffect, useMemo } from 'preact/hooks'
import type { AttentionItem } from '../../../shared/live-frame.ts'
import { formatAge, formatNumber } from '../format.ts'
import { subscribe } from '../live.ts'
import { areas, attention, deviceOf, now, sites } from '../state.ts'
import { say, sayArea, sayProcess } from '../words.ts'
import { attentionTitle } from './attention-text.ts'
import { boardOfItem, criticalItems, itemKey, kiosk } from './kiosk.ts'
import { boardUrl } from './location.ts'
import { SoundButton } from './sound.tsx'
import { sayShell } from './words.ts'

/** Names the worst item on every board of a wall: no board may hide it. */
export function CriticalBar() {
  const [first] = criticalItems.value
  const device = first?.scope === 'device' ? first.key : undefined
  useEffect(() => (device === undefined ? undefined : subscribe([`device/${device}`])), [device])
  const name = first && itemKey(first)
  // Read out once for each item: its value and its age change all the time.
  const announced = useMemo(() => (first ? textOf(first) : ''), [name])
  if (!first) return null
  const others = (attention.value?.levels[3] ?? 1) - 1
  return (
    <div class="critical-bar" data-testid="critical-bar">
      <p class="hidden" role="alert" data-testid="critical-announced">
        {announced}
      </p>
      <a href={boardUrl(boardOfItem(first))}>
        <span class="shape" aria-hidden="true">
          ■
        </span>{' '}
        <strong>{sayShell('critical')}:</strong> {textOf(first)} · {formatAge(first.since, now.value)}
      </a>
      {kiosk.value === 'full' && <SoundButton />}
      {others > 0 && <span class="more">{`+ ${formatNumber(others)} ${sayShell('others')}`}</span>}
    </div>
  )
}

const textOf = (item: AttentionItem): string => [attentionTitle(item), placeOf(item)].filter(Boolean).join(' · ')

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
