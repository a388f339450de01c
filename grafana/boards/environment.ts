import { domainBoard } from './kit/domain.ts'
import { table } from './kit/tables.ts'
import { states, trend } from './kit/trends.ts'

/** Air, weather, rivers, reservoirs and soil. */
export const environment = domainBoard({
  name: 'environment',
  title: { vi: 'Môi trường và nước', en: 'Environment and water' },
  group: 'environment',
  about: {
    vi: 'Không khí, thời tiết, mưa, sông, hồ chứa, chất lượng nước và đất.',
    en: 'Air, weather, rain, rivers, reservoirs, quality of water, and soil.',
  },
  last: '24h',
  figures: [
    'air_vn_aqi_1h',
    'air_pm25_24h',
    'weather_temperature_1h',
    'gauge_rain_peak_1h',
    'water_wqi',
    'reservoir_filling',
  ],
  trends: [
    trend(['air_pm25_24h'], { scope: 'area' }),
    trend(['air_pm25_1h', 'air_pm10_1h'], { title: { vi: 'Bụi mịn trong không khí', en: 'Particles in the air' } }),
    trend(['weather_temperature_1h', 'weather_heat_index_1h'], {
      title: { vi: 'Nhiệt độ và nóng bức', en: 'Temperature and heat' },
    }),
    trend(['gauge_rain_1h'], { scope: 'device' }),
    trend(['river_level'], { scope: 'device' }),
    trend(['reservoir_level'], { scope: 'device' }),
  ],
  areas: [
    'air_vn_aqi_1h',
    'air_pm25_24h',
    'weather_temperature_1h',
    'weather_wind_max_1h',
    'gauge_rain_peak_1h',
    'water_wqi',
  ],
  details: [
    trend(['river_rise_3h'], { scope: 'device' }),
    trend(['reservoir_inflow_1h', 'reservoir_spill_1h'], {
      scope: 'device',
      title: { vi: 'Nước về hồ và xả tràn', en: 'Inflow and spill of reservoirs' },
    }),
    trend(['water_oxygen_2h'], { scope: 'device' }),
    trend(['soil_pore_pressure_2h'], { scope: 'device' }),
    trend(['weather_wind_max_1h'], { scope: 'area' }),
  ],
  more: [
    {
      title: { vi: 'Theo trạm', en: 'By station' },
      collapsed: true,
      panels: [
        table(['gauge_rain_24h', 'gauge_rain_12h', 'gauge_rain_1h'], 'device', {
          vi: 'Mưa tại các trạm',
          en: 'Rain at the stations',
        }),
        table(['river_rise_3h', 'river_level', 'river_flow_1h'], 'device', { vi: 'Trạm thủy văn', en: 'River gauges' }),
        table(
          [
            'reservoir_above_normal',
            'reservoir_level',
            'reservoir_inflow_1h',
            'reservoir_spill_1h',
            'reservoir_filling',
          ],
          'device',
          { vi: 'Hồ chứa', en: 'Reservoirs' },
        ),
        states('air_vn_aqi_1h', 'device'),
      ],
    },
  ],
})
