import { fields, type ValueOf } from '../../config/fields.ts'
import { checkMap } from '../../mapping/check.ts'
import { mapField } from '../../mapping/options.ts'
import { collectorKind } from '../collector.ts'

const options = {
  kind: 'group',
  title: { vi: 'Tùy chọn', en: 'Options' },
  fields: fields({
    url: {
      kind: 'text',
      pattern: '^https?://',
      title: { vi: 'Địa chỉ trả về JSON', en: 'URL that answers JSON' },
    },
    headers: {
      kind: 'map',
      optional: true,
      maxItems: 20,
      keys: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
      values: { kind: 'text', secret: true, title: { vi: 'Giá trị', en: 'Value' } },
      title: { vi: 'Tiêu đề HTTP, như Authorization', en: 'HTTP headers, such as Authorization' },
    },
    records: {
      kind: 'text',
      optional: true,
      pattern: '^/',
      title: {
        vi: 'Con trỏ JSON đến danh sách bản ghi; không có thì cả tài liệu là một bản ghi',
        en: 'JSON pointer to the list of records; without it the document is one record',
      },
    },
    map: mapField,
  }),
} as const

export const httpJsonKind = collectorKind({
  type: 'http-json',
  title: { vi: 'Dịch vụ web trả về JSON', en: 'Web service that answers JSON' },
  cadenceS: 60,
  timeoutS: 15,
  isPeriodic: true,
  options,
  check: ({ map }, report) => checkMap(map, ['map'], report),
  load: async () => (await import('./http-json.ts')).createHttpJsonCollector,
})

export type HttpJsonOptions = ValueOf<typeof options>
