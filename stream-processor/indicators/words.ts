import type { Band, Levels, Window } from '@ioc/contract/messages/live.ts'

/** A window in words: `1 h, every 10 min`. */
export function sayWindow(window: Window): string {
  switch (window.kind) {
    case 'tumbling':
      return `each ${sayDuration(window.size_s)}`
    case 'sliding':
      return `${sayDuration(window.size_s)}, every ${sayDuration(window.every_s)}`
    case 'calendar':
      return `calendar ${window.unit}`
    case 'session':
      return `session, ends after ${sayDuration(window.gap_s)} without an event`
  }
}

const units = [
  { seconds: 86_400, name: 'd' },
  { seconds: 3600, name: 'h' },
  { seconds: 60, name: 'min' },
] as const

/** In the largest unit of which it is a whole number. */
function sayDuration(seconds: number): string {
  const unit = units.find((one) => seconds % one.seconds === 0)
  return unit ? `${seconds / unit.seconds} ${unit.name}` : `${seconds} s`
}

/** Limits in words: `attention from 101 up, warning from 151 up`. */
export function sayLevels({ direction, ...limits }: Levels): string {
  const way = direction === 'above' ? 'up' : 'down'
  return (['attention', 'warning', 'critical'] as const)
    .flatMap((level) => (limits[level] === undefined ? [] : [`${level} from ${limits[level]} ${way}`]))
    .join(', ')
}

/** Bands in words: `to 50 Tốt (Good), to 100 Trung bình (Moderate)`. */
export const sayBands = (bands: readonly Band[]): string =>
  bands.map((band) => `to ${band.to} ${sayBand(band)}`).join(', ')

/** The name of a band in both languages. */
export const sayBand = ({ title: { vi, en } }: Band): string => `${vi} (${en})`
