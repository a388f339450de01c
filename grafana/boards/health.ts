import { domainBoard } from './kit/domain.ts'
import { bars } from './kit/tiles.ts'
import { trend } from './kit/trends.ts'

/** Beds, visits and notifiable diseases. */
export const health = domainBoard({
  name: 'health',
  title: { vi: 'Y tế', en: 'Health' },
  group: 'people',
  about: {
    vi: 'Giường bệnh, lượt khám, cấp cứu, tiêm chủng và bệnh truyền nhiễm tại trung tâm y tế và các trạm y tế.',
    en: 'Beds, visits, emergencies, vaccinations and notifiable diseases at the health centre and the clinics.',
  },
  last: '30d',
  figures: [
    'health_bed_occupancy_now',
    'health_beds_occupied',
    'health_visits_1d',
    'health_emergencies_1d',
    'health_vaccinations_1d',
    'health_disease_cases_7d',
  ],
  trends: [
    trend(['health_visits_1d', 'health_vaccinations_1d'], {
      title: { vi: 'Lượt khám và tiêm chủng', en: 'Visits and vaccinations' },
    }),
    trend(['health_beds_occupied', 'health_beds'], { title: { vi: 'Giường bệnh', en: 'Beds' } }),
    trend(['health_disease_cases_7d_by_disease']),
    trend(['health_emergencies_1d']),
  ],
  areas: [
    'health_bed_occupancy_now',
    'health_visits_1d',
    'health_emergencies_1d',
    'health_disease_cases_7d',
    'health_vaccinations_1d',
  ],
  sites: ['health_bed_occupancy_now', 'health_beds_occupied', 'health_visits_1d', 'health_disease_cases_7d'],
  details: [
    bars('health_disease_cases_7d_by_disease', 'district'),
    bars('health_disease_cases_month_by_disease', 'district'),
    trend(['health_bed_occupancy_month'], { scope: 'area' }),
    trend(['health_transfer_share_month'], { scope: 'area' }),
  ],
})
