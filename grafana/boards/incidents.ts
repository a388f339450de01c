import { board } from './kit/board.ts'
import { sized } from './kit/panel.ts'
import { columnOf, rawTable } from './kit/tables.ts'
import { tile } from './kit/tiles.ts'
import { trend } from './kit/trends.ts'

const figures = [
  'incidents_open',
  'incidents_acknowledged',
  'incidents_stale',
  'incidents_10min',
  'incidents_flood_24h',
  'incidents_top10_30d',
  'incidents_mtta_30d',
  'incidents_mttr_30d',
] as const

/** How many incidents there are, how fast they are dealt with, and where most of them come from. */
export const incidents = board({
  name: 'incidents',
  title: { vi: 'Thống kê sự cố', en: 'Incident figures' },
  group: 'system',
  about: {
    vi: 'Có bao nhiêu sự cố, được tiếp nhận và khắc phục nhanh đến đâu, và điểm nào gây ra nhiều nhất.',
    en: 'How many incidents there are, how fast they are acknowledged and resolved, and which sites have most of them.',
  },
  last: '7d',
  sections: [
    { panels: figures.map((id, index) => sized(tile(id), index < 4 ? 6 : 8, 4)) },
    {
      panels: [
        trend(['incidents_open', 'incidents_acknowledged', 'incidents_stale'], {
          title: { vi: 'Sự cố đang có', en: 'Active incidents' },
        }),
        trend(['incidents_10min']),
        trend(['incidents_mtta_30d', 'incidents_mttr_30d'], {
          title: { vi: 'Thời gian đến khi tiếp nhận, khắc phục', en: 'Time to acknowledge, to resolve' },
        }),
        sized(
          rawTable(
            { vi: 'Điểm có nhiều sự cố nhất', en: 'Sites with most incidents' },
            [
              `SELECT count("affected") AS "incidents", mean("ttr_s") AS "ttr_s", max("messages") AS "messages" FROM "incident" WHERE $timeFilter AND "state" != 'merged' GROUP BY "site"`,
            ],
            () => [
              columnOf('site'),
              {
                field: 'incidents',
                title: { vi: 'Số sự cố', en: 'Incidents' },
                shown: { unit: '1', name: 'incidents' },
              },
              {
                field: 'ttr_s',
                title: { vi: 'Thời gian khắc phục', en: 'Time to resolve' },
                shown: { unit: 's', name: 'ttr_s' },
              },
              {
                field: 'messages',
                title: { vi: 'Tin nhắn nhiều nhất', en: 'Most messages' },
                shown: { unit: '1', name: 'messages' },
              },
            ],
            { sort: { field: 'incidents', desc: true }, hidden: ['Time'] },
          ),
          12,
          8,
        ),
      ],
    },
  ],
})
