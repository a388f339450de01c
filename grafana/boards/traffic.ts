import { domainBoard } from './kit/domain.ts'
import { table } from './kit/tables.ts'
import { states, trend } from './kit/trends.ts'

/** Roads and their cameras. */
export const traffic = domainBoard({
  name: 'traffic',
  title: { vi: 'Giao thông và camera', en: 'Traffic and cameras' },
  group: 'safety',
  about: {
    vi: 'Tốc độ, lưu lượng và mức phục vụ của đường tại các điểm đếm xe; kết nối và ghi hình của camera.',
    en: 'Speed, flow and level of service of roads at the counting points; connection and recording of cameras.',
  },
  last: '24h',
  figures: [
    'traffic_speed_1h',
    'traffic_speed_p85_15m',
    'traffic_occupancy_15m',
    'camera_offline_now',
    'camera_online_24h',
    'camera_recording_24h',
  ],
  trends: [
    trend(['traffic_speed_15m'], { scope: 'area' }),
    trend(['traffic_occupancy_15m'], { scope: 'area' }),
    trend(['traffic_pcu_1h'], { scope: 'site' }),
    trend(['camera_online_1h', 'camera_recording_1h'], {
      title: { vi: 'Kết nối và ghi hình', en: 'Connection and recording' },
    }),
  ],
  areas: [
    'camera_online_24h',
    'camera_recording_24h',
    'camera_offline_now',
    'traffic_speed_1h',
    'traffic_occupancy_15m',
  ],
  more: [
    {
      title: { vi: 'Theo điểm đếm và camera', en: 'By counting point and camera' },
      panels: [
        table(
          [
            'traffic_service_level_1h',
            'traffic_travel_time_index_1h',
            'traffic_speed_1h',
            'traffic_pcu_1h',
            'traffic_heavy_share_1h',
          ],
          'device',
          { vi: 'Các điểm đếm xe', en: 'Counting points' },
        ),
        table(['camera_online_24h', 'camera_online_30d', 'camera_recording_24h', 'camera_outages_1d'], 'device', {
          vi: 'Các camera',
          en: 'Cameras',
        }),
      ],
    },
  ],
  details: [
    states('traffic_service_level_1h', 'device'),
    states('camera_online_1h', 'device'),
    trend(['traffic_vehicles_1h'], { scope: 'site', stacked: true }),
    trend(['traffic_peak_flow_1d'], { scope: 'site' }),
    trend(['camera_bitrate_1h'], { scope: 'device' }),
    trend(['traffic_speed_known_1h'], { scope: 'area' }),
  ],
})
