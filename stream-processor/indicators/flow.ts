import type { DeviceTypeId } from '@ioc/contract/device-types/table.ts'
import { sum } from '../engine/aggregates/aggregates.ts'
import { places } from './case-formulas.ts'
import { indicator, type MetricOf } from './indicator.ts'
import { only } from './only.ts'
import type { day, month } from './periods.ts'
import { capital, during, type Words } from './words.ts'

/**
 * Declares indicators of what a source counts between its records, added up over a window.
 * @param reporters who counts, within a sentence: `các cơ sở y tế`, `the clinics`
 */
export const flowOf =
  <const T extends DeviceTypeId>(source: T, reporters: Words) =>
  (
    id: string,
    counted: Words,
    metric: MetricOf<T, 'number'> & MetricOf<T>,
    window: typeof day | typeof month,
    /** What else there is to know of it, a sentence. */
    note: Words = { vi: '', en: '' },
  ) =>
    indicator({
      id,
      title: {
        vi: `${capital(counted.vi)} ${during(window).vi}`,
        en: `${capital(counted.en)}, ${window.unit}`,
      },
      about: {
        vi: `Cộng số ${counted.vi} mà ${reporters.vi} báo cáo ${during(window).vi}. ${note.vi}`.trim(),
        en: `Adds up the ${counted.en} that ${reporters.en} reported ${during(window).en}. ${note.en}`.trim(),
      },
      unit: '1',
      source,
      ...only(sum<MetricOf<T>>(metric)),
      window,
      scopes: places,
    })
