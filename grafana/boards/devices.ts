import { perInterval } from '@ioc/contract/boards/queries.ts'
import { deviceTypes } from '@ioc/contract/device-types/table.ts'
import { board, places } from './kit/board.ts'
import { declarations } from './kit/declarations.ts'
import { flagMappings, lifeMappings, titleMappings } from './kit/mappings.ts'
import { type PanelSpec, sized } from './kit/panel.ts'
import { columnOf, rawTable, table } from './kit/tables.ts'
import type { Text } from './kit/text.ts'
import { noneExpected } from './kit/thresholds.ts'
import { rawTile, tile } from './kit/tiles.ts'
import { rawTrend, trend } from './kit/trends.ts'

const nodes = '"site" =~ /^$site$/ AND $timeFilter GROUP BY "site", "node"'

/** Sums of the ledgers of all chosen nodes. `sent = stored + rejected + queued + lost`. */
const ledgerFigures = [
  ['sent', { vi: 'Bản tin đã gửi', en: 'Messages sent' }, false],
  ['stored', { vi: 'Đã lưu', en: 'Stored' }, false],
  ['queued', { vi: 'Đang chờ gửi', en: 'Queued' }, false],
  ['lost', { vi: 'Mất', en: 'Lost' }, true],
  ['rejected', { vi: 'Bị từ chối', en: 'Rejected' }, true],
  ['duplicates', { vi: 'Gửi trùng', en: 'Duplicates' }, false],
] as const satisfies readonly (readonly [string, Text, boolean])[]

const ledgerTiles: PanelSpec[] = ledgerFigures.map(([field, title, isBad]) =>
  rawTile(
    { title, unit: '1', name: field, levels: isBad ? noneExpected : undefined },
    `SELECT sum("${field}") AS "${field}" FROM (SELECT last("${field}") AS "${field}" FROM "ledger" WHERE ${nodes})`,
    {
      vi: 'Sổ đối chiếu, cộng theo các trạm đã chọn: đã gửi = đã lưu + bị từ chối + đang chờ + mất.',
      en: 'The ledger, over the chosen nodes: sent = stored + rejected + queued + lost.',
    },
    { timeFrom: '24h' },
  ),
)

const ledgerColumns = [
  ...ledgerFigures,
  ['offset_ms', { vi: 'Lệch đồng hồ', en: 'Clock offset' }, false],
  ['clamped', { vi: 'Thời gian tương lai', en: 'Clamped times' }, false],
  ['corrected', { vi: 'Đã chỉnh thời gian', en: 'Corrected times' }, false],
  ['too_late', { vi: 'Quá trễ', en: 'Too late' }, false],
  ['over_quota', { vi: 'Vượt hạn mức', en: 'Over quota' }, true],
] as const satisfies readonly (readonly [string, Text, boolean])[]

const ledgerTable = rawTable(
  { vi: 'Sổ đối chiếu bản tin', en: 'Ledger of messages' },
  [
    `SELECT last("sent") AS "sent", ${ledgerColumns
      .slice(1)
      .map(([field]) => `"${field}"`)
      .join(', ')} FROM "ledger" WHERE ${nodes}`,
  ],
  () => [
    columnOf('site'),
    columnOf('node'),
    columnOf('Time'),
    ...ledgerColumns.map(([field, title, isBad]) => ({
      field,
      title,
      shown: { unit: field === 'offset_ms' ? 'ms' : '1', name: field, levels: isBad ? noneExpected : undefined },
    })),
  ],
  {
    about: {
      vi: 'Bản ghi mới nhất của mỗi trạm: đã gửi = đã lưu + bị từ chối + đang chờ + mất.',
      en: 'The newest record of each node: sent = stored + rejected + queued + lost.',
    },
    timeFrom: '24h',
    sort: { field: 'lost', desc: true },
    h: 12,
  },
)

const ofSite = `"site" =~ /^$site$/ AND $timeFilter ${perInterval()}`
const completeness = declarations.filter(({ source }) => source === 'registry')
const sourcesLevels = completeness[0]?.levels

/** Sources on time, a row for each domain: of the district, or of the sites where some are late. */
function onTime(scope: 'district' | 'site'): PanelSpec {
  const ids = completeness.map(({ id }) => id).join('|')
  const places = scope === 'site' ? ' AND "area" =~ /^$area$/ AND "site" =~ /^$site$/' : ''
  const newest = `SELECT last("level") AS "level", "value" FROM "indicator" WHERE $timeFilter AND "samples" > 0 AND "scope" = '${scope}' AND "id" =~ /^(${ids})$/${places} GROUP BY "id", "site"`
  return rawTable(
    {
      district: { vi: 'Nguồn gửi dữ liệu đúng hạn', en: 'Sources on time' },
      site: { vi: 'Điểm có nguồn gửi chậm', en: 'Sites with late sources' },
    }[scope],
    [`SELECT "id", "site", "value" FROM (${newest})${scope === 'site' ? ' WHERE "level" > 0' : ''}`],
    ({ language }) => [
      { field: 'id', title: { vi: 'Lĩnh vực', en: 'Domain' }, mappings: titleMappings(completeness, language) },
      ...(scope === 'site' ? [columnOf('site')] : []),
      {
        field: 'value',
        title: { vi: 'Đúng hạn', en: 'On time' },
        shown: { unit: '%', name: 'completeness', levels: sourcesLevels },
      },
      columnOf('Time'),
    ],
    { timeFrom: '24h', sort: { field: 'value', desc: false }, hidden: scope === 'site' ? [] : ['site'], h: 12 },
  )
}

/** The devices of the chosen sites by when they measured last, the longest silent first. */
function devicesOfSites(): PanelSpec {
  const placed = '"area" =~ /^$area$/ AND "site" =~ /^$site$/ AND $timeFilter'
  const queries = Object.values(deviceTypes).flatMap(({ id, metrics }) => {
    const [first] = Object.keys(metrics)
    return first === undefined
      ? []
      : [`SELECT last("${first}") AS "newest" FROM "${id}" WHERE ${placed} GROUP BY "area", "site", "device"`]
  })
  return rawTable(
    { vi: 'Thiết bị của các điểm', en: 'Devices of the sites' },
    queries,
    () => [
      columnOf('device'),
      { ...columnOf('Time'), title: { vi: 'Đo lần cuối', en: 'Last measured' } },
      columnOf('site'),
      columnOf('area'),
    ],
    {
      about: {
        vi: 'Các thiết bị có số đo trong 7 ngày qua ở những điểm đang chọn; thiết bị im lặng lâu nhất đứng đầu.',
        en: 'Devices of the chosen sites that measured within 7 days; the longest silent one comes first.',
      },
      timeFrom: '7d',
      sort: { field: 'Time', desc: false },
      hidden: ['newest'],
      isMerged: true,
      h: 12,
    },
  )
}

/** Devices that do not measure as they should: by the newest point of their liveness. */
function faultyDevices(): PanelSpec {
  const newest =
    'SELECT last("state") AS "state", "stuck", "railed", "clock_wrong" FROM "liveness" ' +
    'WHERE "area" =~ /^$area$/ AND "site" =~ /^$site$/ AND $timeFilter GROUP BY "area", "site", "device"'
  return rawTable(
    { vi: 'Thiết bị có vấn đề', en: 'Devices with problems' },
    [
      `SELECT "device", "state", "stuck", "railed", "clock_wrong", "site", "area" FROM (${newest}) ` +
        `WHERE ("state" != 'measuring' OR "stuck" > 0 OR "railed" > 0 OR "clock_wrong" = true)`,
    ],
    ({ language }) => [
      columnOf('device'),
      { field: 'state', title: { vi: 'Trạng thái', en: 'State' }, mappings: lifeMappings(language) },
      ...faultColumns.map(([field, title]) => ({
        ...{ field, title },
        shown: { unit: '1', name: field, levels: noneExpected },
      })),
      { field: 'clock_wrong', title: { vi: 'Đồng hồ sai', en: 'Wrong clock' }, mappings: flagMappings(language) },
      { ...columnOf('Time'), title: { vi: 'Từ', en: 'Since' } },
      columnOf('site'),
      columnOf('area'),
    ],
    {
      about: {
        vi: 'Các thiết bị gửi chậm, không gửi số liệu, có số đo không đổi hoặc kịch thang đo, hoặc có đồng hồ sai, theo thay đổi mới nhất trong 30 ngày.',
        en: 'Devices that are late or silent, have stuck or railed metrics, or a wrong clock, by their newest change in 30 days.',
      },
      timeFrom: '30d',
      sort: { field: 'Time', desc: true },
      h: 10,
    },
  )
}

const faultColumns = [
  ['stuck', { vi: 'Số đo không đổi', en: 'Stuck' }],
  ['railed', { vi: 'Kịch thang đo', en: 'Railed' }],
] as const satisfies readonly (readonly [string, Text])[]

/** Devices, agents, their messages and clocks, power and network. */
export const devices = board({
  name: 'devices',
  title: { vi: 'Thiết bị và đường truyền', en: 'Devices and agents' },
  group: 'system',
  about: {
    vi: 'Bản tin có đến đủ không, nguồn nào gửi chậm, đồng hồ nào sai, điểm nào mất điện hoặc mất mạng.',
    en: 'Whether all messages arrive, which sources are late, which clocks are wrong, where power or network is down.',
  },
  last: '24h',
  variables: places(
    'network_up_1h',
    'power_mains_1h',
    'camera_online_1h',
    'system_cpu_5m',
    ...completeness.map(({ id }) => id),
  ),
  sections: [
    { title: { vi: 'Sổ đối chiếu', en: 'Ledger' }, panels: ledgerTiles },
    {
      panels: [
        ledgerTable,
        rawTrend(
          { title: { vi: 'Bản tin đang chờ, nhiều nhất', en: 'Messages queued, most' }, unit: '1', name: 'queued' },
          (language) => [
            {
              query: `SELECT max("queued") AS "queued" FROM "ledger" WHERE ${ofSite}`,
              alias: { vi: 'Trạm chờ nhiều nhất', en: 'Longest queue' }[language],
            },
          ],
          { interval: '1m' },
        ),
        rawTrend(
          { title: { vi: 'Độ lệch đồng hồ', en: 'Clock offset' }, unit: 'ms', name: 'offset_ms' },
          (language) => [
            {
              query: `SELECT max("offset_ms") AS "offset_ms" FROM "ledger" WHERE ${ofSite}`,
              alias: { vi: 'Chậm nhất', en: 'Furthest behind' }[language],
            },
            {
              query: `SELECT min("offset_ms") AS "offset_ms" FROM "ledger" WHERE ${ofSite}`,
              alias: { vi: 'Nhanh nhất', en: 'Furthest ahead' }[language],
            },
          ],
          { interval: '1m' },
        ),
      ],
    },
    {
      title: { vi: 'Thiết bị', en: 'Devices' },
      collapsed: true,
      panels: [faultyDevices(), devicesOfSites()],
    },
    {
      title: { vi: 'Nguồn điện và mạng', en: 'Power and network' },
      panels: [
        ...['power_off_now', 'network_down_now', 'power_battery_min_1h', 'network_latency_p95_1h'].map((id) =>
          sized(tile(id), 6, 4),
        ),
        table(
          ['network_up_24h', 'power_mains_24h', 'power_battery_min_1h', 'network_latency_p95_1h', 'network_loss_1h'],
          'site',
        ),
      ],
    },
    {
      title: { vi: 'Máy chủ trạm', en: 'Machines' },
      collapsed: true,
      panels: [
        table(
          ['system_disk', 'system_memory_5m', 'system_cpu_5m', 'system_swap_5m', 'system_temperature_5m'],
          'device',
        ),
        trend(['system_cpu_5m'], { scope: 'device' }),
        trend(['system_disk'], { scope: 'device' }),
      ],
    },
    {
      title: { vi: 'Nguồn dữ liệu', en: 'Sources of data' },
      collapsed: true,
      panels: [onTime('district'), onTime('site')],
    },
  ],
})
