import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard'
import { processTitles } from '@ioc/contract/boards/process-titles.ts'
import { cameraStateTitles } from '@ioc/contract/device-types/camera-health.ts'
import type { Metric } from '@ioc/contract/device-types/device-type.ts'
import type { IndicatorDescriptor, Level, LifeState } from '@ioc/contract/messages/live.ts'
import type { Language, Text } from './text.ts'
import { levelColours } from './thresholds.ts'

const levelTitles = {
  0: { vi: 'Bình thường', en: 'Normal' },
  1: { vi: '▲ Chú ý', en: '▲ Attention' },
  2: { vi: '◆ Cảnh báo', en: '◆ Warning' },
  3: { vi: '■ Nguy cấp', en: '■ Critical' },
} as const satisfies Record<Level, Text>

/** Words and shapes of the levels. */
export const levelMappings = (language: Language): ValueMapping[] => [
  words(levelTitles, language, Object.fromEntries(levelColours.map((colour, level) => [level, colour]))),
]

const { offline } = cameraStateTitles
const stateTitles: Readonly<Record<keyof typeof cameraStateTitles, Text>> = {
  ...cameraStateTitles,
  offline: { vi: `■ ${offline.vi}`, en: `■ ${offline.en}` },
}

/** States of cameras. */
export const stateMappings = (language: Language): ValueMapping[] => [
  words(stateTitles, language, { online: levelColours[0], degraded: levelColours[1], offline: levelColours[3] }),
]

const lifeTitles = {
  measuring: { vi: 'Đang đo', en: 'Measuring' },
  late: { vi: '▲ Gửi chậm', en: '▲ Late' },
  silent: { vi: '◌ Không gửi số liệu', en: '◌ Silent' },
  never_heard: { vi: '◌ Chưa từng gửi số liệu', en: '◌ Never heard' },
} as const satisfies Record<LifeState, Text>

/** States of devices. */
export const lifeMappings = (language: Language): ValueMapping[] => [
  words(lifeTitles, language, { late: levelColours[1] }),
]

const flagTitles = {
  true: { vi: 'Có', en: 'Yes' },
  false: { vi: 'Không', en: 'No' },
} as const satisfies Record<string, Text>

/** Metrics that are true or false. */
export const flagMappings = (language: Language): ValueMapping[] => [words(flagTitles, language, {})]

/** Values of a metric in words: its identifiers, or yes and no; states of cameras with their colours. */
export function metricMappings({ kind, words: titles }: Metric, language: Language): ValueMapping[] {
  if (kind === 'boolean') return flagMappings(language)
  if (titles === cameraStateTitles) return stateMappings(language)
  return titles === undefined ? [] : [words(titles, language, {})]
}

/** Names of the centre's processes. */
export const processMappings = (language: Language): ValueMapping[] => [words(processTitles, language, {})]

/** Titles of indicators, for a column of their ids. */
export const titleMappings = (of: readonly IndicatorDescriptor[], language: Language): ValueMapping[] => [
  words(Object.fromEntries(of.map(({ id, title }) => [id, title])), language, {}),
]

function words(
  titles: Readonly<Record<string, Text>>,
  language: Language,
  colours: Readonly<Record<string, string>>,
): ValueMapping {
  const options = Object.fromEntries(
    Object.entries(titles).map(([value, title], index) => {
      const color = colours[value]
      return [value, { text: title[language], index, ...(color === undefined ? {} : { color }) }]
    }),
  )
  return { type: MappingType.ValueToText, options }
}
