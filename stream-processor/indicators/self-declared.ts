import type { Title } from '@ioc/contract/device-types/device-type.ts'
import type { SelfDeclaredType } from '@ioc/contract/device-types/self-declared.ts'
import type { DeviceTypeId } from '@ioc/contract/device-types/table.ts'
import type { Levels, Window } from '@ioc/contract/messages/live.ts'
import { last, max, mean, min } from '../engine/aggregates/aggregates.ts'
import type { Aggregate } from '../engine/aggregates/column.ts'
import type { MeasuredIndicator } from './indicator.ts'
import { day, hour, ofDevice } from './periods.ts'

/** Metrics of a type that become indicators, at most: the others are stored, with their rollups. */
const maxMetrics = 32
/** From this cadence on an hour has too few values, in seconds. */
const slow_s = 900

const kinds = {
  last: { of: last<string>, vi: 'mới nhất', en: 'newest' },
  mean: { of: mean<string>, vi: 'trung bình', en: 'mean' },
  min: { of: min<string>, vi: 'thấp nhất', en: 'lowest' },
  max: { of: max<string>, vi: 'cao nhất', en: 'highest' },
} as const satisfies Record<string, { of: (metric: string) => Aggregate<string> } & Title>
type Kind = keyof typeof kinds
const kindNames = Object.keys(kinds) as readonly Kind[]

const idOf = (type: string, metric: string, kind: Kind): string => `${type}_${metric}_${kind}`

/** The ids of the indicators that a type would have. */
export function idsOfType(type: string, metrics: readonly string[]): string[] {
  return metrics.flatMap((metric) => kindNames.map((kind) => idOf(type, metric, kind)))
}

/** Indicators of self-declared types: the newest value, mean, least and greatest of each numeric metric of a device. */
export function selfDeclaredIndicators(types: Iterable<SelfDeclaredType>): readonly MeasuredIndicator[] {
  return [...types].flatMap(({ id: type, title, cadence_s, metrics, levels }) => {
    const numbers = Object.entries(metrics).filter(([, { kind }]) => kind === 'number')
    const isSlow = cadence_s > slow_s
    const window: Window = isSlow ? day : hour
    const period: Title = isSlow ? { vi: 'trong ngày', en: 'of the day' } : { vi: '1 giờ', en: '1 h' }
    return numbers.slice(0, maxMetrics).flatMap(([metric, declared]) =>
      kindNames.map((kind): MeasuredIndicator => {
        const { of, vi, en } = kinds[kind]
        const limits: Levels | undefined = kind === 'mean' ? levels[metric] : undefined
        return {
          kind: 'measured',
          id: idOf(type, metric, kind),
          title: {
            vi: `${declared.title.vi}, ${vi} ${period.vi}`,
            en: `${declared.title.en}, ${en} ${period.en}`,
          },
          about: {
            vi: `Chỉ số tự khai báo của loại thiết bị “${title.vi}”: ${vi} của “${declared.title.vi}” ${period.vi}.`,
            en: `Self-declared device type “${title.en}”: ${en} value of “${declared.title.en}” ${period.en}.`,
          },
          unit: declared.unit,
          // Which of the centre's types it is names the values that a declaration may read; these come from the device.
          source: type as DeviceTypeId,
          aggregates: { value: of(metric) },
          formula: of(metric).text,
          value: ({ value }) => value,
          window,
          scopes: ofDevice,
          ...(limits === undefined ? {} : { levels: limits }),
        }
      }),
    )
  })
}
