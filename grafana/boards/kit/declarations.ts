import type { Spacing } from '@ioc/contract/boards/queries.ts'
import { type IndicatorDescriptor, type Window, windowStepSeconds } from '@ioc/contract/messages/live.ts'
import { domains } from '@ioc/stream-processor/indicators/table.ts'
import { sayBands, sayLevels, sayWindow } from '@ioc/stream-processor/indicators/words.ts'
import type { Language, Text } from './text.ts'

/** Every indicator, with those of completeness. */
export const declarations: readonly IndicatorDescriptor[] = domains.flatMap((domain) => domain.indicators)
const byId = new Map(declarations.map((one) => [one.id, one]))

/** @throws Error for an indicator that nobody declares */
export function declared(id: string): IndicatorDescriptor {
  const found = byId.get(id)
  if (!found) throw new Error(`no indicator ${id}`)
  return found
}

const labels = {
  about: { vi: '', en: '' },
  formula: { vi: 'Cách tính', en: 'Formula' },
  window: { vi: 'Thời gian tính', en: 'Window' },
  levels: { vi: 'Ngưỡng', en: 'Levels' },
  bands: { vi: 'Phân cấp', en: 'Classes' },
  target: { vi: 'Mục tiêu', en: 'Target' },
  reference: { vi: 'Căn cứ', en: 'Reference' },
  unconfirmed: { vi: 'Chưa xác nhận', en: 'Unconfirmed' },
} as const satisfies Record<string, Text>

/** What an indicator means, how it is computed, and who says so: the description of its panels. */
export function description(id: string, language: Language): string {
  const { about, formula, window, levels, bands, target, reference, unconfirmed } = declared(id)
  const parts: Readonly<Record<keyof typeof labels, string | undefined>> = {
    about: about[language],
    // Formulas are written in English: in Vietnamese `about` says how the value is computed.
    formula: language === 'en' ? formula : undefined,
    window: sayWindow(window)[language],
    levels: levels && sayLevels(levels)[language],
    bands: bands && sayBands(bands)[language],
    target: target === undefined ? undefined : String(target),
    reference,
    unconfirmed: unconfirmed?.[language],
  }
  return Object.entries(parts)
    .flatMap(([part, text]) => {
      if (text === undefined || text === '') return []
      const label = labels[part as keyof typeof labels][language]
      return [label === '' ? text : `**${label}**: ${text}`]
    })
    .join('\n\n')
}

const daySeconds = 86_400

/**
 * The smallest interval of a panel's queries: as often as there is a value. Months differ in length: in intervals of a
 * day no two of them meet.
 */
export function intervalOf(id: string): string {
  const { window } = declared(id)
  return seconds(window.kind === 'calendar' ? daySeconds : windowStepSeconds(window))
}

/** How often an indicator has a value, as its queries group them. */
export const spacingOf = ({ window }: Pick<IndicatorDescriptor, 'window'>): Spacing =>
  window.kind === 'calendar' ? 'days' : 'hours'

/** A duration as Grafana writes it, in the largest unit of which it is a whole number. */
export function seconds(count: number): string {
  for (const [size, unit] of [
    [daySeconds, 'd'],
    [3600, 'h'],
    [60, 'm'],
  ] as const) {
    if (count % size === 0) return `${count / size}${unit}`
  }
  return `${count}s`
}

/** How far back a figure looks, so that there is a value and some history: longer than most boards' time ranges. */
export function historyOf(id: string): string {
  const { window } = declared(id)
  if (window.kind === 'calendar') return { day: '30d', month: '400d', quarter: '800d', year: '1500d' }[window.unit]
  return windowStepSeconds(window) > 3600 ? '30d' : '24h'
}

/** Whether there are values for each day or longer only, so that bars tell them better than a line. */
export const isCounted = ({ kind }: Window): boolean => kind === 'calendar'

/** The closest look that an indicator is computed for. */
export const finestScope = (id: string): IndicatorDescriptor['scopes'][number] =>
  (['device', 'site', 'area', 'district'] as const).find((scope) => declared(id).scopes.includes(scope)) ?? 'district'
