import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'

/** A figure of the watch, which reports it of itself every few seconds: a gauge of the process `alerting`. */
export interface WatchIndicator extends IndicatorDescriptor {
  readonly kind: 'watch'
  readonly gauge: string
}

const month = { kind: 'sliding', size_s: 30 * 86_400, every_s: 60 } as const
const day = { kind: 'sliding', size_s: 86_400, every_s: 60 } as const
const tenMinutes = { kind: 'sliding', size_s: 600, every_s: 60 } as const
const minute = { kind: 'tumbling', size_s: 60 } as const
const of = (declaration: Omit<WatchIndicator, 'kind' | 'source' | 'scopes'>): WatchIndicator => ({
  ...{ kind: 'watch', source: 'incidents', scopes: ['district'] },
  ...declaration,
})

/** How many incidents there are, and how fast people deal with them. */
export const watchIndicators: readonly WatchIndicator[] = [
  of({
    id: 'incidents_open',
    gauge: 'incidents_open',
    title: { vi: 'Sự cố chưa tiếp nhận', en: 'Incidents not acknowledged' },
    about: {
      vi: 'Số sự cố đang có mà chưa ai tiếp nhận.',
      en: 'Incidents that are open and that nobody has acknowledged.',
    },
    unit: '1',
    window: minute,
    formula: 'incidents in the state open',
  }),
  of({
    id: 'incidents_acknowledged',
    gauge: 'incidents_acknowledged',
    title: { vi: 'Sự cố đang xử lý', en: 'Incidents in work' },
    about: {
      vi: 'Số sự cố đang có mà đã có người tiếp nhận.',
      en: 'Incidents that go on and that somebody has acknowledged.',
    },
    unit: '1',
    window: minute,
    formula: 'incidents in the state acknowledged',
  }),
  of({
    id: 'incidents_stale',
    gauge: 'incidents_stale',
    title: { vi: 'Sự cố kéo dài quá 24 giờ', en: 'Incidents of more than 24 h' },
    about: {
      vi: 'Số sự cố đang có, mở đã hơn 24 giờ, kể cả sự cố đã có người tiếp nhận.',
      en: 'Incidents that have been active for more than 24 hours, acknowledged or not.',
    },
    unit: '1',
    window: minute,
    levels: { direction: 'above', attention: 1 },
    formula: 'active incidents opened more than 24 h ago',
    reference: 'ANSI/ISA-18.2 (stale alarms)',
  }),
  of({
    id: 'incidents_10min',
    gauge: 'incidents_per_10min',
    title: { vi: 'Sự cố mới trong 10 phút', en: 'New incidents in 10 min' },
    about: {
      vi: 'Số sự cố mở ra trong 10 phút gần nhất. Một người trực chỉ theo kịp khoảng một đến hai; quá mười là quá tải.',
      en: 'Incidents opened in the last 10 minutes. One person keeps up with one or two of them; more than ten are a flood.',
    },
    unit: '1',
    window: tenMinutes,
    levels: { direction: 'above', attention: 3 },
    formula: 'incidents opened in the window; those that another one took over do not count',
    reference: 'EEMUA 191, ANSI/ISA-18.2',
  }),
  of({
    id: 'incidents_flood_24h',
    gauge: 'incidents_flood_percent',
    title: { vi: 'Thời gian quá tải sự cố', en: 'Time flooded by incidents' },
    about: {
      vi: 'Tỷ lệ thời gian của 24 giờ gần nhất có hơn 10 sự cố mở ra trong 10 phút: quá mức một người trực theo kịp.',
      en: 'Share of the last 24 hours in which more than 10 incidents were opened within 10 minutes: more than one person keeps up with.',
    },
    unit: '%',
    window: day,
    levels: { direction: 'above', attention: 1 },
    formula: '100 · (intervals of 10 min with more than 10 opened incidents) / 144',
    reference: 'EEMUA 191, ANSI/ISA-18.2',
  }),
  of({
    id: 'incidents_top10_30d',
    gauge: 'incidents_top10_percent',
    title: { vi: 'Mười nguồn sự cố nhiều nhất', en: 'Share of ten top causes' },
    about: {
      vi: 'Tỷ lệ sự cố trong 30 ngày gần nhất do mười nguồn hay gặp nhất gây ra. Tỷ lệ cao nghĩa là sửa vài thiết bị thì phần lớn sự cố hết; từ mười nguồn trở xuống thì không tính.',
      en: 'Share of the incidents of the last 30 days that come from the ten most frequent causes. Where it is high, repairing a few devices ends most incidents. It has no value with ten causes or fewer.',
    },
    unit: '%',
    window: month,
    formula:
      '100 · (incidents of the ten most frequent causes) / (incidents); a cause is a thing and what is wrong with it',
    reference: 'ANSI/ISA-18.2, IEC 62682 (contribution of the top 10 alarms)',
  }),
  of({
    id: 'incidents_mtta_30d',
    gauge: 'mtta_min',
    title: { vi: 'Thời gian đến khi tiếp nhận', en: 'Mean time to acknowledge' },
    about: {
      vi: 'Thời gian trung bình từ lúc sự cố mở ra đến khi có người tiếp nhận, của các sự cố trong 30 ngày gần nhất đã được tiếp nhận.',
      en: 'Mean time from the opening of an incident to its first acknowledgement, of those opened in the last 30 days that were acknowledged.',
    },
    unit: 'min',
    window: month,
    formula: 'mean of (first acknowledgement − opening)',
  }),
  of({
    id: 'incidents_mttr_30d',
    gauge: 'mttr_min',
    title: { vi: 'Thời gian đến khi khắc phục', en: 'Mean time to resolve' },
    about: {
      vi: 'Thời gian trung bình từ lúc sự cố mở ra đến khi kết thúc, của các sự cố trong 30 ngày gần nhất đã kết thúc.',
      en: 'Mean time from the opening of an incident to its end, of those opened in the last 30 days that have ended.',
    },
    unit: 'min',
    window: month,
    formula: 'mean of (end − opening)',
  }),
]
