import { caseType, flag, quantity, text } from './case-type.ts'

/** A file of the land registry: a certificate, a transfer, a change of use. */
export const landFile = caseType({
  id: 'land_file',
  title: { vi: 'Hồ sơ đất đai', en: 'Land file' },
  attributes: {
    kind: text('Loại hồ sơ', 'Kind of file'),
    unit: text('Đơn vị giải quyết', 'Unit in charge'),
    parcel_m2: quantity('Diện tích thửa đất, m²', 'Area of the parcel, m²'),
    online: flag('Nộp trực tuyến', 'Submitted online'),
  },
})
