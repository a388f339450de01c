import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DistrictFileName } from '../texts.ts'

/**
 * A district that has nothing of Đơn Dương: two islands, one of which is divided in 2027, with one site each. Nothing may
 * depend on which district it is.
 */
export const tinyDistrict = {
  'areas.yaml': `areas:
  - { code: N1, name: Đảo Bắc, lat: 8.7, lon: 106.6, valid_from: 2020-01-01, valid_to: null, successor: null, source: {} }
  - { code: S1, name: Đảo Nam, lat: 8.6, lon: 106.6, valid_from: null, valid_to: 2026-12-31, successor: S2, source: {} }
  - { code: S2, name: Nam Mới, lat: 8.6, lon: 106.6, valid_from: 2027-01-01, valid_to: null, successor: null, source: {} }
`,
  'sites.yaml': `sites:
  - { site: cang, area: N1, name: Cảng cá }
  - { site: ben, area: S1, name: Bến đò }
`,
  'calendars.yaml': `working_days: [1, 2, 3, 4, 5, 6]
working_hours: [{ from: "07:00", to: "11:00" }]
holidays: [{ from: 2026-09-02, to: 2026-09-02, name: Quốc khánh }]
school_terms: []
seasons: { flood: { from: "09-01", to: "11-30" }, dry: { from: "12-01", to: "04-30" } }
`,
  'parameters.yaml': 'aqi_min_hours: { value: 12, source: đảo }\n',
  'units.yaml': 'units: [{ id: ubnd, name: { vi: Ủy ban, en: Office }, area: N1, domains: [machines] }]\n',
  'targets.yaml': 'targets: [{ indicator: system_cpu_1m, scope: area, key: N1, value: 60, source: kế hoạch }]\n',
  'thresholds.yaml':
    'thresholds: [{ indicator: system_cpu_1m, scope: site, key: cang, attention: 20, warning: 30, source: trạm }]\n',
} as const

/** Writes a district folder: the tiny one, with other texts for some files. */
export function writeTinyDistrict(files: Partial<Record<DistrictFileName, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-tiny-'))
  for (const [name, text] of Object.entries({ ...tinyDistrict, ...files })) writeFileSync(join(folder, name), text)
  return folder
}
