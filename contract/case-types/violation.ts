import { caseType, quantity, text } from './case-type.ts'

/** An administrative violation, from the record that is made of it to its settlement. */
export const violation = caseType({
  id: 'violation',
  title: { vi: 'Vi phạm hành chính', en: 'Administrative violation' },
  attributes: {
    field: text(
      'Lĩnh vực: land, forest, traffic, environment, order',
      'Field: land, forest, traffic, environment, order',
    ),
    unit: text('Đơn vị xử lý', 'Unit in charge'),
    fine_vnd: quantity('Tiền phạt, đồng', 'Fine, VND'),
  },
})
