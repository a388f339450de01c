import { perInterval } from '@ioc/contract/boards/queries.ts'
import { undeclared as measurement } from '@ioc/contract/device-types/table.ts'
import { board, oneDevice } from './kit/board.ts'
import { columnOf, rawTable } from './kit/tables.ts'
import { rawTrend } from './kit/trends.ts'

const ofDevice = '"site" =~ /^$site$/ AND "device" =~ /^$device$/ AND $timeFilter'

/** Devices of a type that nobody declared: their values under the names that they have. */
export const undeclared = board({
  name: 'undeclared',
  title: { vi: 'Thiết bị chưa khai báo', en: 'Undeclared devices' },
  group: 'types',
  about: {
    vi: 'Số đo của những thiết bị mà loại hoặc chỉ số chưa được khai báo, theo đúng tên thiết bị gửi.',
    en: 'Values of devices whose type or metrics nobody declared, under the names that they were sent with.',
  },
  last: '24h',
  variables: oneDevice(measurement),
  sections: [
    {
      panels: [
        {
          ...rawTrend(
            { title: { vi: 'Các số đo', en: 'Values' }, unit: '1', name: '', decimals: 2 },
            () => [
              {
                query: `SELECT mean(*) FROM "${measurement}" WHERE ${ofDevice} ${perInterval()}`,
                alias: '$col',
              },
            ],
            { interval: '1m' },
          ),
          ...{ w: 24, h: 10 },
        },
        rawTable(
          { vi: 'Các bản ghi mới nhất', en: 'Newest records' },
          [`SELECT * FROM "${measurement}" WHERE ${ofDevice} ORDER BY time DESC LIMIT 50`],
          () => [columnOf('Time'), columnOf('site'), columnOf('device')],
          { h: 12, hidden: ['area', 'claimed_ms'] },
        ),
      ],
    },
    {
      title: { vi: 'Mọi thiết bị', en: 'All devices' },
      panels: [
        rawTable(
          { vi: 'Bản ghi mới nhất của mọi thiết bị', en: 'Newest record of each device' },
          [`SELECT * FROM "${measurement}" WHERE $timeFilter GROUP BY "site", "device" ORDER BY time DESC LIMIT 1`],
          () => [columnOf('Time'), columnOf('site'), columnOf('device')],
          { h: 10, hidden: ['area', 'claimed_ms'] },
        ),
      ],
    },
  ],
})
