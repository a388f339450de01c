import { processTitles } from '@ioc/contract/boards/process-titles.ts'
import { perInterval } from '@ioc/contract/boards/queries.ts'
import type { Levels } from '@ioc/contract/messages/live.ts'
import { board } from './kit/board.ts'
import { processMappings } from './kit/mappings.ts'
import { sized } from './kit/panel.ts'
import { columnOf, rawTable } from './kit/tables.ts'
import type { Text } from './kit/text.ts'
import { noneExpected } from './kit/thresholds.ts'
import { rawTile } from './kit/tiles.ts'
import { rawTrend } from './kit/trends.ts'

interface Figure {
  readonly process: string
  readonly field: string
  readonly title: Text
  readonly unit?: string
  readonly levels?: Levels
}

const figures: readonly Figure[] = [
  { process: 'broker', field: 'messages_per_s', title: { vi: 'Bản tin mỗi giây', en: 'Messages a second' } },
  { process: 'broker', field: 'connections', title: { vi: 'Kết nối của các trạm', en: 'Connections' } },
  { process: 'storage', field: 'points_per_s', title: { vi: 'Điểm dữ liệu mỗi giây', en: 'Points a second' } },
  { process: 'stream-processor', field: 'log_depth', title: { vi: 'Bản tin chờ xử lý', en: 'Messages to process' } },
  { process: 'stream-processor', field: 'lag_ms', title: { vi: 'Độ trễ xử lý', en: 'Processing lag' }, unit: 'ms' },
  { process: 'stream-processor', field: 'series', title: { vi: 'Chuỗi đang tính', en: 'Series computed' } },
  {
    process: 'broker',
    field: 'dead_letters',
    title: { vi: 'Bản tin không đọc được', en: 'Dead letters' },
    levels: noneExpected,
  },
  {
    process: 'storage',
    field: 'failures_total',
    title: { vi: 'Lỗi ghi dữ liệu', en: 'Store failures' },
    levels: noneExpected,
  },
  { process: 'broker', field: 'log_bytes', title: { vi: 'Nhật ký tiếp nhận', en: 'Ingest log' }, unit: 'By' },
  { process: 'storage', field: 'points_total', title: { vi: 'Điểm đã lưu', en: 'Points stored' } },
  { process: 'wall', field: 'live_topics', title: { vi: 'Giá trị trực tiếp', en: 'Live values' } },
  { process: 'wall', field: 'clients', title: { vi: 'Màn hình đang xem', en: 'Screens' } },
]

function trendOf(field: string, unit: string, title: Text) {
  const query = `SELECT max("${field}") AS "${field}" FROM "self" WHERE $timeFilter ${perInterval(['process'])}`
  return rawTrend({ title, unit, name: field }, () => [{ query, alias: '$tag_process' }], {
    interval: '1m',
    titles: processTitles,
  })
}

/** The processes of the centre itself. */
export const centre = board({
  name: 'centre',
  title: { vi: 'Trung tâm', en: 'The centre' },
  group: 'system',
  about: {
    vi: 'Các tiến trình của trung tâm: tiếp nhận, xử lý, lưu trữ và hiển thị có kịp và có đủ không.',
    en: 'The processes of the centre: whether ingest, processing, storage and display keep up.',
  },
  last: '6h',
  sections: [
    {
      panels: figures.map(({ process, field, title, unit = '1', levels }) =>
        rawTile(
          { title, unit, name: field, levels },
          `SELECT mean("${field}") AS "${field}" FROM "self" WHERE "process" = '${process}' AND $timeFilter ${perInterval()}`,
          undefined,
        ),
      ),
    },
    {
      panels: [
        trendOf('cpu_percent', '%', { vi: 'CPU của các tiến trình', en: 'CPU of the processes' }),
        trendOf('rss_mb', '1', { vi: 'Bộ nhớ của các tiến trình (MB)', en: 'Memory of the processes (MB)' }),
        trendOf('loop_p99_ms', 'ms', { vi: 'Độ trễ vòng lặp, phân vị 99', en: 'Event loop delay, p99' }),
        trendOf('log_depth', '1', { vi: 'Bản tin chờ xử lý', en: 'Messages to process' }),
        trendOf('messages_per_s', '1', { vi: 'Bản tin mỗi giây', en: 'Messages a second' }),
        trendOf('points_per_s', '1', { vi: 'Điểm dữ liệu mỗi giây', en: 'Points a second' }),
        sized(
          rawTable(
            { vi: 'Các tiến trình', en: 'Processes' },
            [
              'SELECT last("uptime_s") AS "uptime_s", "restarts", "cpu_percent", "rss_mb", "loop_p99_ms" FROM "self" WHERE $timeFilter GROUP BY "process"',
            ],
            ({ language }) => [
              {
                ...{ field: 'process', title: { vi: 'Tiến trình', en: 'Process' } },
                mappings: processMappings(language),
              },
              columnOf('Time'),
              { field: 'uptime_s', title: { vi: 'Chạy được', en: 'Uptime' }, shown: { unit: 's', name: 'uptime_s' } },
              {
                field: 'restarts',
                title: { vi: 'Khởi động lại', en: 'Restarts' },
                shown: { unit: '1', name: 'restarts', levels: noneExpected },
              },
              { field: 'cpu_percent', title: { vi: 'CPU', en: 'CPU' }, shown: { unit: '%', name: 'cpu_percent' } },
              {
                field: 'rss_mb',
                title: { vi: 'Bộ nhớ (MB)', en: 'Memory (MB)' },
                shown: { unit: '1', name: 'rss_mb' },
              },
              {
                field: 'loop_p99_ms',
                title: { vi: 'Độ trễ vòng lặp', en: 'Loop delay' },
                shown: { unit: 'ms', name: 'loop_p99_ms' },
              },
            ],
            { sort: { field: 'restarts', desc: true } },
          ),
          24,
          8,
        ),
      ],
    },
  ],
})
