import type { Window } from '@ioc/contract/messages/live.ts'
import { during, type Words } from './words.ts'

/** Words of a type of case, of which the `about` of its indicators is composed. */
export interface CaseWords {
  /** What is counted, in the plural: `hồ sơ một cửa`, `one-stop dossiers`. */
  readonly cases: Words
  /** What opens one: `được tiếp nhận`, `received`. */
  readonly opened: Words
  /** What closes one: `giải quyết xong`, `resolved`. */
  readonly closed: Words
}

/** Attributes by which figures of cases are grouped, within a sentence. */
export const each = {
  field: { vi: 'lĩnh vực', en: 'field' },
  unit: { vi: 'đơn vị', en: 'unit' },
  kind: { vi: 'loại', en: 'kind' },
  category: { vi: 'nhóm', en: 'category' },
  channel: { vi: 'kênh tiếp nhận', en: 'channel' },
} as const satisfies Readonly<Record<string, Words>>

/** The `about` of each figure of a type of case; `by` is the attribute by which it is grouped. */
export function aboutCases({ cases, opened, closed }: CaseWords) {
  const about = (vi: string, en: string, by?: Words): Words => ({
    vi: by === undefined ? vi : `${vi} Tính riêng cho từng ${by.vi}.`,
    en: by === undefined ? en : `${en} Separately for each ${by.en}.`,
  })
  const took = (share: Words, window: Window): Words => ({
    vi: `${share.vi} số ${cases.vi} đã ${closed.vi} ${during(window).vi} không mất quá số ngày này, sai số khoảng 1 %.`,
    en: `${share.en} of the ${cases.en} ${closed.en} ${during(window).en} took at most so many days, within 1 %.`,
  })
  return {
    received: (window: Window, by?: Words) =>
      about(
        `Đếm số ${cases.vi} ${opened.vi} ${during(window).vi}, dù đã ${closed.vi} hay chưa.`,
        `Counts the ${cases.en} ${opened.en} ${during(window).en}, whether ${closed.en} since then or not.`,
        by,
      ),
    resolved: (window: Window, by?: Words) =>
      about(
        `Đếm số ${cases.vi} đã ${closed.vi} ${during(window).vi}, dù đúng hạn hay trễ hạn.`,
        `Counts the ${cases.en} ${closed.en} ${during(window).en}, whether on time or late.`,
        by,
      ),
    resolvedLate: (window: Window) =>
      about(
        `Đếm số ${cases.vi} đã ${closed.vi} ${during(window).vi} nhưng sau thời hạn. Càng ít càng tốt.`,
        `Counts the ${cases.en} ${closed.en} ${during(window).en}, but after their due time. Fewer is better.`,
      ),
    inProcess: (by?: Words) =>
      about(
        `Đếm số ${cases.vi} đã ${opened.vi} mà chưa ${closed.vi} tại thời điểm tính, kể cả số đã quá hạn.`,
        `Counts the ${cases.en} ${opened.en} but not yet ${closed.en} at the time of the figure, overdue ones included.`,
        by,
      ),
    overdue: (by?: Words) =>
      about(
        `Đếm số ${cases.vi} chưa ${closed.vi} mà đã quá thời hạn tại thời điểm tính. Càng ít càng tốt.`,
        `Counts the ${cases.en} not yet ${closed.en} although their due time has passed. Fewer is better.`,
        by,
      ),
    onTime: (window: Window, by?: Words) =>
      about(
        `Tỷ lệ ${cases.vi} đã ${closed.vi} đúng hạn, trên tổng số đã ${closed.vi} ${during(window).vi} cộng số chưa ${closed.vi} mà đã quá hạn.`,
        `Of the ${cases.en} ${closed.en} ${during(window).en} or open past their due time, the share that was ${closed.en} on time.`,
        by,
      ),
    handlingMean: (window: Window) =>
      about(
        `Số ngày trung bình từ lúc ${opened.vi} đến lúc ${closed.vi}, tính trên số ${cases.vi} đã ${closed.vi} ${during(window).vi}.`,
        `How many days the ${cases.en} ${closed.en} ${during(window).en} took on average, from beginning to end.`,
      ),
    handlingMedian: (window: Window) => took({ vi: 'Một nửa', en: 'Half' }, window),
    handlingP95: (window: Window) => took({ vi: '95 %', en: '95 %' }, window),
  }
}
