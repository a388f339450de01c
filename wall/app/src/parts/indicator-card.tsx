import { type Band, bandOf, type IndicatorDescriptor } from '@ioc/contract/messages/live.ts'
import { formatAge, formatLimit, formatValue } from '../format.ts'
import { levelLimits } from '../limits.ts'
import { descriptorOf, indicators, isOld, now } from '../state.ts'
import { say, sayGroup, sayLevel, sayTitle } from '../words.ts'
import { Trend } from './trend.tsx'

/** One indicator of one device, area or the district, or of one group there: the figure, what it was, and where its limits are. */
export function IndicatorCard({ topic }: { readonly topic: string }) {
  const indicator = indicators.get(topic)
  if (!indicator) return null
  const descriptor = descriptorOf(indicator)
  const { figure, unit } = formatValue(indicator.value, descriptor?.unit ?? '', descriptor?.source)
  const band = bandOf(indicator.value, descriptor?.bands ?? [])
  const old = isOld(indicator)
  const { id, key, group } = indicator
  const name = descriptor ? sayTitle(descriptor.title) : id
  const title = group === undefined ? name : `${name}: ${sayGroup(group)}`
  return (
    <article
      class={`card level-${indicator.level} ${old ? 'stale' : ''}`}
      data-testid={`indicator-${id}-${key}${group === undefined ? '' : `-${group}`}`}
      data-level={indicator.level}
      data-stale={old}
      aria-label={title}
    >
      <h3>
        {title}
        {indicator.level > 0 && <span class={`badge level-${indicator.level}`}>{sayLevel(indicator.level)}</span>}
      </h3>
      <p class="value">
        <span class="figure">{figure}</span> <span class="unit">{unit}</span>
        {band && <BandName band={band} shown={indicator.level > 0} />}
        {old && <span class="age">{formatAge(now.value - indicator.ts)}</span>}
      </p>
      <Trend topic={topic} indicator={indicator} descriptor={descriptor} />
      <p class="limits">
        {limitText(descriptor)}
        {descriptor?.unconfirmed !== undefined && (
          <span class="unconfirmed" title={sayTitle(descriptor.unconfirmed)}>
            {` (${say('unconfirmed')})`}
          </span>
        )}
      </p>
    </article>
  )
}

/** The published name of a value; its colour only where the value is abnormal, as all colour here. */
function BandName({ band, shown }: { readonly band: Band; readonly shown: boolean }) {
  const [red, green, blue] = band.colour
  return (
    <span class="band">
      {shown && <span class="band-colour" style={{ background: `rgb(${red} ${green} ${blue})` }} />}
      {sayTitle(band.title)}
    </span>
  )
}

function limitText(descriptor: IndicatorDescriptor | undefined): string {
  const limits = levelLimits(descriptor?.levels)
  if (!descriptor || limits.length === 0) return say('noLimits')
  const sign = descriptor.levels?.direction === 'below' ? '≤' : '≥'
  const unit = formatValue(0, descriptor.unit, descriptor.source).unit
  return `${say('limits')} ${sign} ${limits.map(({ value }) => formatLimit(value)).join(' · ')} ${unit}`
}
