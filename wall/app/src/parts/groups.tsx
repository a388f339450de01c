import { areas, deviceOf, type Group, groups } from '../state.ts'
import { groupStep, shownGroups } from '../view.ts'
import { say, sayArea, sayType } from '../words.ts'
import { IndicatorCard } from './indicator-card.tsx'

/** Scrolls to a group, drawing it first where it is not. */
export function reveal(key: string): void {
  const index = groups.value.findIndex((group) => group.key === key)
  if (index < 0) return
  shownGroups.value = Math.max(shownGroups.value, index + 1)
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
      {all.slice(0, shownGroups.value).map((group) => (
        <CardGroup key={group.key} group={group} />
      ))}
      {all.length > shownGroups.value && (
        <button
          type="button"
          class="more"
          onClick={() => {
            shownGroups.value += groupStep
          }}
        >
          {say('more')} ({all.length - shownGroups.value})
        </button>
      )}
    </section>
  )
}

function CardGroup({ group }: { readonly group: Group }) {
  const device = deviceOf(group.key)
  const title = titleOf(group)
  return (
    <section class="group" id={groupId(group.key)} tabIndex={-1} aria-label={title}>
      <h2>
        {title}
        {group.scope === 'area' && <small>{say('area')}</small>}
        {device && (
          <small>
            {device.name ? `${group.key} · ` : ''}
            {sayType(device.type)}
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
