import { fields, type ValueOf } from '../../config/fields.ts'
import { checkMap } from '../../mapping/check.ts'
import { mapField } from '../../mapping/options.ts'
import { collectorKind } from '../collector.ts'

const options = {
  kind: 'group',
  title: { vi: 'Tùy chọn', en: 'Options' },
  fields: fields({
    path: { kind: 'text', title: { vi: 'Thư mục có tệp CSV và Excel', en: 'Folder of CSV and Excel files' } },
    extensions: {
      kind: 'list',
      optional: true,
      maxItems: 10,
      items: {
        kind: 'choice',
        choices: ['csv', 'txt', 'xls', 'xlsx', 'ods'],
        title: { vi: 'Đuôi tệp', en: 'Extension' },
      },
      title: { vi: 'Đuôi tệp; mặc định csv, xls, xlsx', en: 'Extensions; by default csv, xls, xlsx' },
    },
    sheet: { kind: 'text', optional: true, title: { vi: 'Tên trang tính', en: 'Name of the sheet' } },
    encoding: {
      kind: 'choice',
      choices: ['auto', 'utf-8', 'utf-16le', 'windows-1258', 'windows-1252'],
      default: 'auto',
      title: { vi: 'Bảng mã của CSV', en: 'Encoding of CSV' },
    },
    delimiter: {
      kind: 'choice',
      choices: ['auto', 'comma', 'semicolon', 'tab', 'pipe'],
      default: 'auto',
      title: { vi: 'Dấu phân cách của CSV', en: 'Delimiter of CSV' },
    },
    settle_s: {
      kind: 'number',
      minimum: 0,
      maximum: 3_600,
      default: 2,
      unit: 's',
      title: {
        vi: 'Tệp không đổi trong thời gian này thì được đọc',
        en: 'A file is read once it did not change for this time',
      },
    },
    max_bad_percent: {
      kind: 'number',
      minimum: 0,
      maximum: 100,
      default: 20,
      unit: '%',
      title: {
        vi: 'Quá tỷ lệ dòng lỗi này thì không nhận tệp',
        en: 'A file with a larger share of invalid rows is refused',
      },
    },
    outcome: {
      kind: 'choice',
      choices: ['beside', 'none'],
      default: 'beside',
      title: {
        vi: 'Ghi kết quả vào TÊN.ketqua.txt cạnh tệp',
        en: 'Write the outcome to NAME.ketqua.txt beside the file',
      },
    },
    map: mapField,
  }),
} as const

export const folderKind = collectorKind({
  type: 'folder',
  title: { vi: 'Thư mục tệp CSV và Excel', en: 'Folder of CSV and Excel files' },
  cadenceS: 5,
  timeoutS: 60,
  isPeriodic: false,
  options,
  check: ({ map }, report) => checkMap(map, ['map'], report),
  load: async () => (await import('./folder.ts')).createFolderCollector,
})

export type FolderOptions = ValueOf<typeof options>
