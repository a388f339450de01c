import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import type { Parameters } from '@ioc/contract/district/parameters.ts'
import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'
import type { AnyIndicator } from './indicator.ts'
import { marked, type Revised } from './revised.ts'
import { sayNumber } from './words.ts'

/** What share of the sources of a domain reported on time, by the hour. Its values follow from the registry of devices. */
export interface CompletenessIndicator extends IndicatorDescriptor, Revised {
  readonly kind: 'completeness'
  /** Device types whose devices are expected to report. */
  readonly types: readonly string[]
}

interface CountedDomain {
  readonly id: string
  readonly title: IndicatorDescriptor['title']
  readonly indicators: readonly { readonly kind: string; readonly source: string }[]
}

/** One for each domain that is fed by devices. */
export function completenessIndicators(
  domains: readonly CountedDomain[],
  { completeness_cadences: cadences }: Parameters,
): readonly CompletenessIndicator[] {
  return domains.flatMap(({ id, title, indicators }) => {
    const types = [...new Set(indicators.flatMap(sourcesOf))].filter((type) => findDeviceType(type)).sort()
    if (types.length === 0) return []
    return [
      marked({
        kind: 'completeness',
        id: `completeness_${id.replaceAll('-', '_')}`,
        title: { vi: `Nguồn gửi số liệu đúng hạn: ${title.vi}`, en: `Sources on time: ${title.en}` },
        about: {
          vi: `Số nguồn của lĩnh vực ${title.vi} có số liệu mới nhất không cũ quá ${sayNumber(cadences.value).vi} chu kỳ gửi, chia cho tổng số nguồn đã biết, tính bằng phần trăm.`,
          en: `Sources of the domain ${title.en} whose newest data is at most ${cadences.value} reporting cycles old, divided by all known sources, in per cent.`,
        },
        unit: '%',
        source: 'registry',
        window: { kind: 'tumbling', size_s: 3600 },
        scopes: ['site', 'area', 'district'],
        levels: { direction: 'below', attention: 95, warning: 80, critical: 50 },
        formula: `100 × devices whose newest measurement is at most ${cadences.value} cadences old ÷ known devices (${types.join(', ')})`,
        parameters: [cadences],
        types,
      } as const),
    ]
  })
}

/** The types of devices that feed an indicator, over those that it is derived from. */
function sourcesOf(indicator: CountedDomain['indicators'][number]): readonly string[] {
  const { inputs } = indicator as Partial<Pick<Extract<AnyIndicator, { kind: 'derived' }>, 'inputs'>>
  if (!inputs) return [indicator.source]
  return Object.values(inputs).flatMap((input) => sourcesOf(input.indicator))
}
