import { caseTypes } from '@ioc/contract/case-types/table.ts'
import { deviceTypes } from '@ioc/contract/device-types/table.ts'
import { caseSourcesOf, sourcesOf, worldOf } from '@ioc/simulator/testing/example-district.ts'
import { type Domain, domains } from '@ioc/stream-processor/indicators/table.ts'
import { expect, test } from 'vitest'

/** What the centre of a district covers, with the domains of indicators for it. */
const covered = {
  'kinh tế – xã hội': ['socio-economic'],
  'giám sát thủ tục hành chính công': ['public-services'],
  'kết nối người dân với chính quyền': ['citizen-reports'],
  'du lịch – lưu trú': ['tourism'],
  'giáo dục': ['education'],
  'y tế': ['health'],
  'quản lý hộ kinh doanh': ['business'],
  'hệ thống quy hoạch': ['land'],
  'quản lý thu ngân sách': ['budget'],
  'văn bản điện tử': ['documents'],
  'camera giao thông': ['traffic', 'cameras'],
  'đất đai – môi trường': ['land', 'air', 'weather', 'water'],
  'bảo vệ rừng': ['forest'],
  'an ninh tầm cao': ['security'],
  'thiết bị và nguồn điện của các điểm': ['machines', 'infrastructure'],
  'đầy đủ dữ liệu': ['completeness'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** Fed by the centre itself, and by no device. */
const ofCentre = ['incidents']

/** The device and case types that feed a domain. */
const typesOf = ({ indicators }: Domain): string[] =>
  indicators.flatMap((one) => (one.kind === 'completeness' ? one.types : (one.fed_by ?? [one.source])))

/** The types of the devices in the births of all example sites. */
const simulated = new Set(
  [...sourcesOf(worldOf()), ...caseSourcesOf(worldOf())].flatMap(({ source }) =>
    source.devices().map(({ type }) => type),
  ),
)

test.each(Object.entries(covered))('%s has indicators, types and simulated sources', (_, ids) => {
  for (const id of ids) {
    const domain = domains.find((one) => one.id === id)
    const types = domain ? typesOf(domain) : []
    expect(types.length, id).toBeGreaterThan(0)
    expect(types.filter((type) => !simulated.has(type))).toEqual([])
  }
})

test('no domain is left over', () => {
  const known = new Set<string>([...Object.values(covered).flat(), ...ofCentre])
  expect(domains.map(({ id }) => id).filter((id) => !known.has(id))).toEqual([])
})

test('every device type and case type feeds an indicator, and is simulated', () => {
  const used = new Set(domains.flatMap(typesOf))
  const types = [...Object.keys(deviceTypes), ...Object.keys(caseTypes)]
  expect(types.filter((type) => !used.has(type))).toEqual([])
  expect(types.filter((type) => !simulated.has(type))).toEqual([])
})

test('there are at least 140 indicators, each with an id of its own', () => {
  const ids = domains.flatMap(({ indicators }) => indicators).map(({ id }) => id)
  expect(ids.length).toBeGreaterThanOrEqual(140)
  expect(new Set(ids).size).toBe(ids.length)
})
