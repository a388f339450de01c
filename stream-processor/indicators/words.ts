import type { Band, Levels, Scope, Window } from '@ioc/contract/messages/live.ts'

/** Text in the two languages of the documents. */
export interface Words {
  readonly vi: string
  readonly en: string
}

/** Both languages in one line. */
export const both = ({ vi, en }: Words): string => (vi === en ? vi : `${vi} · ${en}`)

/** Some reasons in one sentence. */
export const reasons = (...all: readonly Words[]): Words => join(all, '; ')

/** For the beginning of a sentence, and for the middle of one. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
export const uncapital = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

const join = (all: readonly Words[], separator = ', '): Words => ({
  vi: all.map(({ vi }) => vi).join(separator),
  en: all.map(({ en }) => en).join(separator),
})

const scopeWords: Readonly<Record<Scope, Words>> = {
  device: { vi: 'thiết bị', en: 'device' },
  site: { vi: 'điểm', en: 'site' },
  area: { vi: 'xã', en: 'area' },
  district: { vi: 'toàn địa bàn', en: 'district' },
}

export const sayScopes = (scopes: readonly Scope[]): Words => join(scopes.map((scope) => scopeWords[scope]))

const calendarWords = {
  day: { vi: 'ngày', en: 'day' },
  month: { vi: 'tháng', en: 'month' },
  quarter: { vi: 'quý', en: 'quarter' },
  year: { vi: 'năm', en: 'year' },
} as const

/** A number within a sentence: `2.500`, `2,500`. */
export const sayNumber = (value: number): Words => ({
  vi: value.toLocaleString('vi-VN'),
  en: value.toLocaleString('en'),
})

/** Some numbers within a sentence. */
export const sayNumbers = (values: readonly number[], separator = ', '): Words => join(values.map(sayNumber), separator)

/** A window in words: `1 giờ, tính lại mỗi 10 phút`, `1 h, every 10 min`. */
export function sayWindow(window: Window): Words {
  switch (window.kind) {
    case 'tumbling': {
      const size = duration(window.size_s)
      return { vi: `từng ${size.vi}`, en: `each ${size.en}` }
    }
    case 'sliding': {
      const [size, every] = [duration(window.size_s), duration(window.every_s)]
      return { vi: `${size.vi}, tính lại mỗi ${every.vi}`, en: `${size.en}, every ${every.en}` }
    }
    case 'calendar': {
      const unit = calendarWords[window.unit]
      return { vi: `từng ${unit.vi} dương lịch`, en: `calendar ${unit.en}` }
    }
  }
}

const duringWords = {
  day: { vi: 'trong ngày', en: 'on the day' },
  month: { vi: 'trong tháng', en: 'in the month' },
  quarter: { vi: 'trong quý', en: 'in the quarter' },
  year: { vi: 'từ đầu năm', en: 'in the year so far' },
} as const

/** The time of a window within a sentence: `trong 30 ngày gần nhất`, `in the last 30 days`. */
export function during(window: Window): Words {
  if (window.kind === 'calendar') return duringWords[window.unit]
  const { size_s } = window
  // People speak of 24 hours: a day is one of the calendar.
  const unit = units.find((one) => size_s % one.seconds === 0 && size_s !== 86_400) ?? units[1]
  const count = size_s / unit.seconds
  const last = { vi: `trong ${count} ${unit.vi} gần nhất`, en: `in the last ${count} ${unit.name}s` }
  return count === 1 ? { ...last, en: `in the last ${unit.name}` } : last
}

const units = [
  { seconds: 86_400, vi: 'ngày', en: 'd', name: 'day' },
  { seconds: 3600, vi: 'giờ', en: 'h', name: 'hour' },
  { seconds: 60, vi: 'phút', en: 'min', name: 'minute' },
  { seconds: 1, vi: 'giây', en: 's', name: 'second' },
] as const

/** In the largest unit of which it is a whole number. */
function duration(seconds: number): Words {
  const unit = units.find((one) => seconds % one.seconds === 0) ?? units[3]
  const count = seconds / unit.seconds
  return { vi: `${count} ${unit.vi}`, en: `${count} ${unit.en}` }
}

const levelWords = {
  attention: { vi: 'chú ý', en: 'attention' },
  warning: { vi: 'cảnh báo', en: 'warning' },
  critical: { vi: 'nguy cấp', en: 'critical' },
} as const

/** Limits in words: `chú ý từ 101 trở lên`, `attention from 101 up`. */
export function sayLevels({ direction, ...limits }: Levels): Words {
  const way = direction === 'above' ? { vi: 'trở lên', en: 'up' } : { vi: 'trở xuống', en: 'down' }
  return join(
    (['attention', 'warning', 'critical'] as const).flatMap((level) => {
      const limit = limits[level]
      if (limit === undefined) return []
      const { vi, en } = levelWords[level]
      return [{ vi: `${vi} từ ${limit} ${way.vi}`, en: `${en} from ${limit} ${way.en}` }]
    }),
  )
}

/** Bands in words: `đến 50 Tốt`, `to 50 Good`. */
export const sayBands = (bands: readonly Band[]): Words =>
  join(bands.map(({ to, title: { vi, en } }) => ({ vi: `đến ${to} ${vi}`, en: `to ${to} ${en}` })))

/** The name of a band in both languages. */
export const sayBand = ({ title: { vi, en } }: Band): string => `${vi} (${en})`
