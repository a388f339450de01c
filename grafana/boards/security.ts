import { board, places } from './kit/board.ts'
import { headings } from './kit/domain.ts'
import { stateMappings } from './kit/mappings.ts'
import { sized } from './kit/panel.ts'
import { table } from './kit/tables.ts'
import { tile, wordTiles } from './kit/tiles.ts'
import { states, trend } from './kit/trends.ts'

const figures = [
  'security_offline_now',
  'security_online_24h',
  'security_recording_24h',
  'security_intrusions_1d',
  'security_crowds_1d',
  'security_smokes_1h',
]

/** Cameras on high points, and what they raise. */
export const security = board({
  name: 'security',
  title: { vi: 'An ninh tầm cao', en: 'Security' },
  group: 'safety',
  about: {
    vi: 'Các camera tầm cao: kết nối, ghi hình, tầm nhìn và các cảnh báo xâm nhập, tụ tập, khói.',
    en: 'The high cameras: connection, recording, visibility, and alarms of intrusion, crowds and smoke.',
  },
  last: '24h',
  variables: places('security_online_1h'),
  sections: [
    {
      panels: [
        sized(
          wordTiles(
            { vi: 'Trạng thái camera tầm cao', en: 'States of the cameras' },
            { vi: 'Trạng thái mới nhất trong một giờ qua.', en: 'The newest state of the last hour.' },
            {
              query:
                'SELECT last("state") AS "state" FROM "high_camera" WHERE "area" =~ /^$area$/ AND "site" =~ /^$site$/ AND $timeFilter GROUP BY "site"',
              alias: '$tag_site',
            },
            stateMappings,
            '1h',
          ),
          24,
          4,
        ),
      ],
    },
    { title: headings.district, panels: figures.map((id) => tile(id)) },
    {
      title: headings.trends,
      panels: [
        states('security_online_1h', 'device'),
        trend(['security_intrusions_1h'], { scope: 'site' }),
        trend(['security_crowds_1h'], { scope: 'site' }),
        trend(['security_smokes_1h'], { scope: 'site' }),
        trend(['security_visibility_min_1h'], { scope: 'site' }),
      ],
    },
    {
      title: headings.devices,
      panels: [
        table(
          [
            'security_online_24h',
            'security_recording_24h',
            'security_online_30d',
            'security_visibility_min_1h',
            'security_intrusions_1d',
            'security_smokes_1d',
          ],
          'device',
        ),
      ],
    },
  ],
})
