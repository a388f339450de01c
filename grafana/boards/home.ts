import { PanelBuilder as Geomap } from '@grafana/grafana-foundation-sdk/geomap'
import type { Scope } from '@ioc/contract/messages/live.ts'
import { board } from './kit/board.ts'
import { declarations, finestScope } from './kit/declarations.ts'
import { dataLink, siteOfRow } from './kit/links.ts'
import { levelMappings, stateMappings, titleMappings } from './kit/mappings.ts'
import { type PanelSpec, placed } from './kit/panel.ts'
import { datasource, target } from './kit/query.ts'
import { columnOf, rawTable } from './kit/tables.ts'
import { levelsOfLevel, noneExpected, thresholds } from './kit/thresholds.ts'
import { rawTile, tile, wordTiles } from './kit/tiles.ts'

/** The domains in the order of the wall: an indicator that stands for each, a name that is read from afar, and its board. */
const headlines = [
  ['one_stop_on_time_30d', { vi: 'Hồ sơ đúng hạn', en: 'Dossiers on time' }, 'public-services'],
  ['report_overdue', { vi: 'Phản ánh quá hạn', en: 'Reports overdue' }, 'citizens'],
  ['health_bed_occupancy_now', { vi: 'Giường đang sử dụng', en: 'Beds occupied' }, 'health'],
  ['education_attendance_1d', { vi: 'Học sinh chuyên cần', en: 'School attendance' }, 'education'],
  ['tourism_room_occupancy_1d', { vi: 'Công suất phòng', en: 'Room occupancy' }, 'tourism'],
  ['budget_plan_percent_month', { vi: 'Thu so với dự toán', en: 'Budget against plan' }, 'budget'],
  ['business_active', { vi: 'Hộ kinh doanh', en: 'Business households' }, 'business'],
  ['land_overdue', { vi: 'Hồ sơ đất quá hạn', en: 'Land files overdue' }, 'land'],
  ['socio_plan_percent_by_target', { vi: 'Nông nghiệp so kế hoạch', en: 'Agriculture against plan' }, 'socio-economic'],
  ['air_vn_aqi_1h', { vi: 'VN_AQI giờ', en: 'VN_AQI, hourly' }, 'environment'],
  ['forest_hotspots_1d', { vi: 'Điểm cháy trong ngày', en: 'Hotspots today' }, 'forest'],
  ['traffic_speed_1h', { vi: 'Tốc độ xe, 1 giờ', en: 'Traffic speed, 1 h' }, 'traffic'],
] as const

/** Of the socio-economic targets, the one that stands for all of them on the wall. */
const leadingTarget = { group: 'Giá trị sản xuất nông nghiệp (tỷ đồng)' }

const limited = declarations.filter(({ levels }) => levels !== undefined)

/**
 * Indicators with limits, each at its finest scope only: where one is computed at a device, its site and area say nothing new.
 * The store reads a fraction of its series for it.
 */
function atFinest(...scopes: readonly Scope[]): string {
  const ofScope = (scope: Scope) => limited.filter(({ id }) => finestScope(id) === scope).map(({ id }) => id)
  const conditions = scopes.map((scope) => `("scope" = '${scope}' AND "id" =~ /^(${ofScope(scope).join('|')})$/)`)
  return `(${conditions.join(' OR ')})`
}

/** What is beyond a limit now, once. */
function attention(): PanelSpec {
  // The time comes first in the condition: this is not one indicator, whose newest value the live topics could replace.
  const newest = `SELECT last("level") AS "level", "value" FROM "indicator" WHERE $timeFilter AND "samples" > 0 AND ${atFinest('device', 'site', 'area')} GROUP BY "id", "area", "site", "device", "group"`
  const query = `SELECT "level", "id", "area", "site", "device", "group", "value" FROM (${newest}) WHERE "level" > 0`
  return rawTable(
    { vi: 'Cần chú ý ngay', en: 'Needs attention now' },
    [query],
    ({ language }) => [
      {
        field: 'level',
        title: { vi: 'Mức', en: 'Level' },
        width: 100,
        shown: { unit: '1', name: 'level', levels: levelsOfLevel },
        mappings: levelMappings(language),
      },
      { field: 'id', title: { vi: 'Chỉ số', en: 'Indicator' }, mappings: titleMappings(limited, language) },
      {
        ...columnOf('site'),
        links: [{ title: columnOf('site').title[language], url: siteOfRow }],
      },
      { field: 'group', title: columnOf('group').title },
      { ...columnOf('Time'), title: { vi: 'Tính đến', en: 'As of' }, width: 150 },
    ],
    {
      about: {
        vi: 'Giá trị mới nhất trong ngày của mỗi chỉ số có mức vượt ngưỡng, mức nặng nhất trước.',
        en: 'The newest values of the day that are beyond a limit, the worst first.',
      },
      timeFrom: '24h',
      hidden: ['area', 'device', 'value'],
      sort: { field: 'level', desc: true },
    },
  )
}

/** The sites of the district, coloured by the worst level of their indicators. */
const map: PanelSpec = {
  ...{ w: 10, h: 24 },
  build({ language }) {
    const places = 'SELECT last("name") AS "name", "lat", "lon" FROM "place" WHERE "device" = \'\' GROUP BY "site"'
    const newest = `SELECT last("level") AS "level" FROM "indicator" WHERE $timeFilter AND "samples" > 0 AND ${atFinest('device', 'site')} GROUP BY "id", "site", "device", "group"`
    const worst = `SELECT max("level") AS "level" FROM (${newest}) GROUP BY "site"`
    return new Geomap()
      .title({ vi: 'Bản đồ địa bàn', en: 'Map of the district' }[language])
      .description(
        {
          vi: 'Các điểm của địa bàn, màu theo mức nặng nhất trong ngày của các chỉ số tại điểm.',
          en: 'The sites of the district, coloured by the worst level of the day of their indicators.',
        }[language],
      )
      .datasource(datasource)
      .withTarget(target({ query: places }, 0))
      .withTarget(target({ query: worst }, 1))
      .transformations([
        { id: 'organize', options: { excludeByName: { Time: true }, indexByName: {}, renameByName: {} } },
        { id: 'joinByField', options: { byField: 'site', mode: 'outer' } },
      ])
      .timeFrom('24h')
      .hideTimeOverride(true)
      .thresholds(thresholds(levelsOfLevel))
      .mappings(levelMappings(language))
      .unit('none')
      .dataLinks([dataLink({ vi: 'Xem điểm này', en: 'Show this site' }[language], siteOfRow)])
      .view({ build: () => ({ id: 'fit', lat: 0, lon: 0, zoom: 12, allLayers: true, padding: 10 }) })
      .basemap({ build: () => ({ type: 'default', name: 'base' }) })
      .layers([
        {
          build: () => ({
            type: 'markers',
            name: { vi: 'Điểm', en: 'Sites' }[language],
            tooltip: true,
            location: { mode: 'coords', latitude: 'lat', longitude: 'lon' } as never,
            config: {
              showLegend: false,
              style: {
                color: { field: 'level', fixed: 'text' },
                opacity: 0.9,
                size: { fixed: 6, min: 4, max: 10 },
                symbol: { mode: 'fixed', fixed: 'img/icons/marker/circle.svg' },
              },
            },
          }),
        },
      ])
  },
}

const lost = rawTile(
  {
    title: { vi: 'Bản tin mất', en: 'Messages lost' },
    unit: '1',
    name: 'lost',
    levels: noneExpected,
  },
  'SELECT sum("lost") AS "lost" FROM (SELECT last("lost") AS "lost" FROM "ledger" WHERE $timeFilter GROUP BY "site", "node")',
  {
    vi: 'Sổ đối chiếu: số bản tin đã gửi mà trung tâm không nhận được, cộng theo mọi trạm.',
    en: 'The ledger: messages that were sent and never arrived, over all nodes.',
  },
  { timeFrom: '24h' },
)

/** From the ledger. Some nodes send once a day: a shorter time would leave them out. */
const reporting = rawTile(
  { title: { vi: 'Trạm gửi 24 giờ', en: 'Nodes, last 24 h' }, unit: '1', name: 'nodes' },
  'SELECT count("sent") AS "nodes" FROM (SELECT last("sent") AS "sent" FROM "ledger" WHERE $timeFilter GROUP BY "site", "node")',
  {
    vi: 'Số trạm đã gửi bản tin trong 24 giờ qua, theo sổ đối chiếu.',
    en: 'Nodes that sent messages in the last 24 hours, by the ledger.',
  },
  { timeFrom: '24h' },
)

const highCameras = wordTiles(
  { vi: 'Camera tầm cao', en: 'High cameras' },
  { vi: 'Trạng thái mới nhất của các camera tầm cao.', en: 'The newest states of the high cameras.' },
  {
    query: 'SELECT last("state") AS "state" FROM "high_camera" WHERE $timeFilter GROUP BY "site"',
    alias: '$tag_site',
  },
  stateMappings,
  '1h',
)

const cameras = { vi: 'Camera mất kết nối', en: 'Cameras offline' } as const
const network = { vi: 'Điểm mất mạng', en: 'Sites offline' } as const

export const home = board({
  name: 'home',
  title: { vi: 'Tổng quan', en: 'Overview' },
  group: 'overview',
  about: {
    vi: 'Những gì cần chú ý ngay, bản đồ địa bàn, chỉ số chính của mỗi lĩnh vực và tình trạng dữ liệu.',
    en: 'What needs attention now, the map of the district, the main figure of each domain, and the state of the data.',
  },
  last: '24h',
  refresh: '30s',
  sections: [
    {
      panels: [
        placed(attention(), 0, 0, 6, 24),
        placed(map, 6, 0, 10, 24),
        ...headlines.map(([id, title, name], index) => {
          const tags = id === 'socio_plan_percent_by_target' ? { tags: leadingTarget } : {}
          return placed(
            tile(id, { title, board: `ioc-${name}`, ...tags }),
            16 + (index % 2) * 4,
            Math.floor(index / 2) * 4,
            4,
            4,
          )
        }),
        placed(highCameras, 0, 24, 12, 4),
        placed(tile('camera_offline_now', { title: cameras, board: 'ioc-traffic' }), 12, 24, 3, 4),
        placed(tile('network_down_now', { title: network, board: 'ioc-devices' }), 15, 24, 3, 4),
        placed(reporting, 18, 24, 3, 4),
        placed(lost, 21, 24, 3, 4),
      ],
    },
  ],
})
