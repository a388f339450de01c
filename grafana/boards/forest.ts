import { domainBoard } from './kit/domain.ts'
import { table } from './kit/tables.ts'
import { states, trend } from './kit/trends.ts'

/** Fires, smoke, patrols, violations, and the danger of fire. */
export const forest = domainBoard({
  name: 'forest',
  title: { vi: 'Bảo vệ rừng', en: 'Forest' },
  group: 'environment',
  about: {
    vi: 'Điểm cháy, khói, tuần tra, vi phạm và cấp dự báo cháy rừng tại các chốt.',
    en: 'Hotspots, smoke, patrols, violations and the danger of fire at the posts of rangers.',
  },
  last: '7d',
  figures: [
    'forest_hotspots_1d',
    'forest_smoke_posts',
    'forest_smoke_1h',
    'forest_patrols_1d',
    'forest_violations_1d',
    'forest_wind_max_1h',
  ],
  trends: [
    trend(['forest_fire_level'], { scope: 'device' }),
    trend(['forest_fwi'], { scope: 'device' }),
    trend(['forest_violations_1d'], { scope: 'area' }),
    trend(['forest_patrols_1d'], { scope: 'area' }),
  ],
  areas: [
    'forest_hotspots_1d',
    'forest_smoke_1h',
    'forest_camera_smokes_1h',
    'forest_patrols_1d',
    'forest_violations_1d',
    'forest_humidity_min_1d',
  ],
  more: [
    {
      title: { vi: 'Theo chốt', en: 'By post' },
      panels: [
        table(
          [
            'forest_fire_level',
            'forest_fire_p',
            'forest_fwi',
            'forest_dry_days',
            'forest_rain_24h',
            'forest_humidity_13h',
          ],
          'device',
          { vi: 'Nguy cơ cháy tại các chốt', en: 'Danger of fire at the posts' },
        ),
      ],
    },
  ],
  details: [
    states('forest_smoke_1h', 'device'),
    trend(['forest_temperature_1h'], { scope: 'device' }),
    trend(['forest_rain_24h'], { scope: 'device' }),
    trend(['forest_ffmc'], { scope: 'device' }),
    trend(['forest_dry_days'], { scope: 'device' }),
  ],
})
