import type { LiveIndicator } from '@ioc/contract/messages/live.ts'
import { formatNumber, formatValue } from '../format.ts'
import { areas, descriptors, deviceOf, indicators, troubles } from '../state.ts'
import { type CountWord, say, sayArea, sayCounted, sayGroup, sayLevel, sayTitle } from '../words.ts'
import { reveal } from './groups.tsx'

/** Abnormal figures that are named; all are counted. */
const maxNamed = 6

/** What needs attention, in one line: grey while all is well. */
export function Overview() {
  const { abnormal, offline, stale, lost, down } = troubles.value
  const worst = abnormal.reduce((level, indicator) => Math.max(level, indicator.level), 0)
  const empty = indicators.keys.value.length === 0
  const well = abnormal.length + offline.length + stale.length + lost + down.length === 0
  return (
    <section class="overview" aria-labelledby="where" data-testid="overview">
      <h2 id="where">{say('where')}</h2>
      <ul class="counts">
        <Count word="abnormal" count={abnormal.length} level={worst} testid="abnormal" href="#indicators" />
        <Count word="offlineNodes" count={offline.length} level={2} testid="offline" href="#nodes" />
        <Count word="staleDevices" count={stale.length} level={1} testid="stale" href="#nodes" />
        <Count word="lostMessages" count={lost} level={1} testid="lost" href="#ledger" />
        <Count word="downProcesses" count={down.length} level={3} testid="down" href="#processes" />
      </ul>
      {well && <p class="well">{say(empty ? 'nothingYet' : 'allWell')}</p>}
      {abnormal.length > 0 && (
        <ul class="named">
          {[...abnormal]
            .sort((a, b) => b.level - a.level)
            .slice(0, maxNamed)
            .map((indicator) => (
              <Named key={`${indicator.id}/${indicator.key}/${indicator.group ?? ''}`} indicator={indicator} />
            ))}
        </ul>
      )}
    </section>
  )
}

interface CountProps {
  readonly word: CountWord
  readonly count: number
  readonly level: number
  readonly testid: string
  readonly href: string
}

function Count({ word, count, level, testid, href }: CountProps) {
  return (
    <li>
      <a href={href} class={`count level-${count > 0 ? level : 0}`} data-testid={`overview-${testid}`}>
        <strong>{formatNumber(count)}</strong> {sayCounted(word, count)}
      </a>
    </li>
  )
}

function Named({ indicator }: { readonly indicator: LiveIndicator }) {
  const descriptor = descriptors.value.get(indicator.id)
  const { figure, unit } = formatValue(indicator.value, descriptor?.unit ?? '', descriptor?.source)
  const { key, group } = indicator
  const title = `${descriptor ? sayTitle(descriptor.title) : indicator.id} ${figure} ${unit}`.trimEnd()
  return (
    <li>
      <button type="button" class={`level-${indicator.level}`} onClick={() => reveal(key)}>
        {sayLevel(indicator.level)}:{' '}
        {[title, placeOf(indicator), group === undefined ? '' : sayGroup(group)].filter(Boolean).join(' · ')}
      </button>
    </li>
  )
}

/** Where a figure is from, as people call it; the whole district needs no name. */
function placeOf({ scope, key }: LiveIndicator): string | undefined {
  switch (scope) {
    case 'district':
      return undefined
    case 'area':
      return sayArea(key, areas.value.get(key))
    case 'device':
      return deviceOf(key)?.name ?? key
    case 'site':
      return key
    default:
      return scope satisfies never
  }
}
