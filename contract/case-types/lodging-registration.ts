import { caseType, flag, text } from './case-type.ts'

/** A guest's stay that a place of lodging declares to the police (law 68/2020/QH14 on residence). */
export const lodgingRegistration = caseType({
  id: 'lodging_registration',
  title: { vi: 'Thông báo lưu trú', en: 'Lodging registration' },
  attributes: {
    guest: text('Khách: domestic, foreign', 'Guest: domestic, foreign'),
    channel: text('Kênh thông báo', 'Channel'),
    late: flag('Thông báo chậm', 'Declared late'),
  },
})
