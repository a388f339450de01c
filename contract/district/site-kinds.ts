import type { Title } from '../device-types/device-type.ts'

/** What kind of place a site is. A new kind is a line here. */
export const siteKinds = {
  commune_office: { vi: 'Ủy ban nhân dân xã', en: 'Commune office' },
  one_stop: { vi: 'Trung tâm phục vụ hành chính công', en: 'One-stop centre' },
  kindergarten: { vi: 'Trường mầm non', en: 'Kindergarten' },
  primary_school: { vi: 'Trường tiểu học', en: 'Primary school' },
  lower_secondary_school: { vi: 'Trường trung học cơ sở', en: 'Lower secondary school' },
  upper_secondary_school: { vi: 'Trường trung học phổ thông', en: 'Upper secondary school' },
  health_centre: { vi: 'Trung tâm y tế', en: 'Health centre' },
  clinic: { vi: 'Trạm y tế', en: 'Clinic' },
  camera_pole: { vi: 'Cột camera giao thông', en: 'Camera pole' },
  high_camera: { vi: 'Camera tầm cao', en: 'High camera' },
  weather_station: { vi: 'Trạm khí tượng', en: 'Weather station' },
  air_station: { vi: 'Trạm quan trắc không khí', en: 'Air-quality station' },
  rain_gauge: { vi: 'Trạm đo mưa', en: 'Rain gauge' },
  river_station: { vi: 'Trạm thủy văn', en: 'River station' },
  reservoir: { vi: 'Hồ chứa', en: 'Reservoir' },
  water_station: { vi: 'Trạm quan trắc nước mặt', en: 'Surface-water station' },
  soil_station: { vi: 'Trạm quan trắc đất', en: 'Soil station' },
  forest_post: { vi: 'Chốt bảo vệ rừng', en: 'Forest post' },
  lodging: { vi: 'Cơ sở lưu trú', en: 'Lodging' },
  tax_office: { vi: 'Thuế cơ sở', en: 'Tax office' },
  treasury: { vi: 'Kho bạc', en: 'Treasury' },
  market: { vi: 'Chợ', en: 'Market' },
  police_post: { vi: 'Công an xã', en: 'Police post' },
} as const satisfies Record<string, Title>

export type SiteKind = keyof typeof siteKinds
