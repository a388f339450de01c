import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import { signal } from '@preact/signals'
import { areas, deviceOf, type Group, groups } from '../state.ts'
import { say, sayArea, sayTitle } from '../words.ts'
import { IndicatorCard } from './indicator-card.tsx'

/** Groups that are drawn at first, and more at each asking: a district has more devices than a screen shows. */
const step = 12
const shown = signal(step)

/** Scrolls to a group, drawing it first where it is not. */
export function reveal(key: string): void {
  const index = groups.value.findIndex((group) => group.key === key)
  if (index < 0) return
  shown.value = Math.max(shown.value, index + 1)
  requestAnimationFrame(() => {
    const element = document.getElementById(groupId(key))
    element?.scrollIntoView({ block: 'nearest' })
    element?.focus({ preventScroll: true })
  })
}

/** The cards, by district, area and device. */
export function Groups() {
  const all = groups.value
  return (
    <section id="indicators" class={all.length <= 1 ? 'few' : ''} aria-label={say('indicators')}>
      {all.slice(0, shown.value).map((group) => (
        <CardGroup key={group.key} group={group} />
      ))}
      {all.length > shown.value && (
        <button
          type="button"
          class="more"
          onClick={() => {
            shown.value += step
          }}
        >
          {say('more')} ({all.length - shown.value})
        </button>
      )}
    </section>
  )
}

function CardGroup({ group }: { readonly group: Group }) {
  const device = deviceOf(group.key)
  const type = device && findDeviceType(device.type)
  const title = titleOf(group)
  return (
    <section class="group" id={groupId(group.key)} tabIndex={-1} aria-label={title}>
      <h2>
        {title}
        {group.scope === 'area' && <small>{say('area')}</small>}
        {device && (
          <small>
            {device.name ? `${group.key} · ` : ''}
            {type ? sayTitle(type.title) : say('newDevice')}
          </small>
        )}
        {device && !device.online && <span class="badge level-2">{say('offline')}</span>}
      </h2>
      <div class="cards">
        {group.topics.map((topic) => (
          <IndicatorCard key={topic} topic={topic} />
        ))}
      </div>
    </section>
  )
}

function titleOf({ scope, key }: Group): string {
  if (scope === 'district') return say('district')
  return scope === 'area' ? sayArea(key, areas.value.get(key)) : (deviceOf(key)?.name ?? key)
}

function groupId(key: string): string {
  return `group-${key.replace('/', '--')}`
}
