import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'
import { hasPython } from '@ioc/runtime/testing/python.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import iconv from 'iconv-lite'
import { describe, expect, test } from 'vitest'
import { testCollector } from '../../testing/context.ts'
import { runPythonFile } from '../../testing/peers.ts'

const script = join(import.meta.dirname, '../../testing/make_workbook.py')
const soffice = '/usr/bin/soffice'

const dossiers = {
  case: 'one_stop',
  device: 'mot-cua',
  id: 'Số hồ sơ',
  state: { from: 'Trạng thái', enum: { 'Đang xử lý': 'processing', 'Đã trả kết quả': 'done' } },
  opened: 'Ngày nhận',
  due: 'Ngày hẹn trả',
  closed: 'Ngày trả',
  attributes: { fee: { from: 'Lệ phí (đ)', enum: { 0: false }, else: true } },
}
const rain = { type: 'rain_gauge', device: { from: 'Trạm' }, time: 'Thời điểm', values: { rain_mm: 'Mưa (mm)' } }

async function watch(map: object, options: object = {}, folder = testFolder(), own = testFolder()) {
  const make = () => testCollector({ type: 'folder', path: folder, settle_s: 0, map, ...options }, { folder: own })
  let { collect, collector } = await make()
  return {
    folder,
    collector,
    collect,
    restart: async () => {
      ;({ collect, collector } = await make())
    },
    /** Reads all files, and commits each. */
    async readAll() {
      const files: Awaited<ReturnType<typeof collect>>[] = []
      // A file is read at the second look.
      await collect()
      for (;;) {
        const collected = await collect()
        if (!collected.commit) return files
        await collected.commit()
        files.push(collected)
      }
    },
    outcome: (name: string) => readFileSync(join(folder, `${name}.ketqua.txt`), 'utf8'),
  }
}

const at = (local: string) => Date.parse(`${local}+07:00`)
const endOf = (day: string) => at(`${day}T23:59:59.999`)

/** The dossiers of `make_workbook.py` that are valid. */
const expected = [
  ['H-001', 'processing', at('2026-11-02T00:00:00'), endOf('2026-11-15'), null, true],
  ['H-002', 'done', at('2026-11-03T08:30:00'), endOf('2026-11-20'), at('2026-11-18T00:00:00'), true],
  ['H-004', 'processing', at('2026-11-04T00:00:00'), endOf('2026-11-16'), null, true],
  ['H-005', 'processing', at('2026-11-04T00:00:00'), endOf('2026-11-16'), null, true],
  ['H-006', 'processing', at('2026-11-05T00:00:00'), endOf('2026-11-16'), null, undefined],
]

const summary = (cases: readonly CaseRecord[] = []) =>
  cases.map(({ case: { id, state, opened, due, closed, ...attributes } }) => [
    id,
    state,
    opened,
    due,
    closed,
    (attributes as { fee?: boolean }).fee,
  ])

describe.skipIf(!hasPython('xlwt') || !hasPython('openpyxl'))('workbooks of xlwt and openpyxl', () => {
  test.each([
    ['bao-cao-thang-11.xls', 'xls', 8],
    ['bao-cao-thang-11.xlsx', 'xlsx', 7],
  ])('%s becomes dossiers, once, and its invalid row is named', async (name, kind, row) => {
    const { folder, readAll, outcome, restart } = await watch(dossiers)
    runPythonFile(script, join(folder, name), kind)
    const [file, ...others] = await readAll()
    expect(others).toEqual([])
    expect(summary(file?.cases)).toEqual(expected)
    expect(file?.past).toBe(true)
    expect(file?.problems).toEqual([`${name}: row ${row}: Ngày hẹn trả: "31/02/2026" is not a time`])
    expect(outcome(name)).toContain(`- dòng ${row}, cột "Ngày hẹn trả": "31/02/2026" không phải là ngày giờ`)
    expect(outcome(name)).toContain('Đã nhận: 5 dòng (0 bản ghi số liệu, 5 hồ sơ)')
    // A renamed copy, and the same file after a restart, count once.
    copyFileSync(join(folder, name), join(folder, `copy-${name}`))
    await restart()
    expect((await readAll()).map(({ cases = [] }) => cases)).toEqual([[]])
    expect(outcome(`copy-${name}`)).toContain(`KHÔNG NHẬN: trùng nội dung với tệp ${name} đã nhận`)
  })

  test('a compressed bomb is refused before it is decompressed', async () => {
    const { folder, readAll, outcome } = await watch(dossiers)
    runPythonFile(script, join(folder, 'bom.xlsx'), 'bomb')
    const [file] = await readAll()
    expect(file?.problems).toEqual(['bom.xlsx: its parts are larger than 200 MB'])
    expect(outcome('bom.xlsx')).toContain('KHÔNG NHẬN: nội dung nén của tệp lớn hơn 200 MB')
  })

  test.skipIf(!hasProgram(soffice, 'libreoffice-calc-nogui'))(
    'LibreOffice saves the same as OpenDocument',
    async () => {
      const source = join(testFolder(), 'so.xls')
      runPythonFile(script, source, 'xls')
      const { folder, readAll } = await watch(dossiers, { extensions: ['ods'] })
      const profile = `-env:UserInstallation=file://${testFolder()}`
      spawnSync(soffice, [profile, '--headless', '--convert-to', 'ods', '--outdir', folder, source])
      expect(readdirSync(folder)).toEqual(['so.ods'])
      expect((await readAll()).map(({ cases }) => summary(cases))).toEqual([expected])
    },
  )
})

const csv = ['Trạm;Thời điểm;Mưa (mm)', 'Ka Đô;15/11/2026 08:30;1.234,5', 'D’Ran;15/11/2026 08:40;0,2', ''].join('\r\n')

/** As windows-1258 writes Vietnamese: a letter, and the mark of its tone after it. */
function withMarksOfTones(text: string): string {
  return text.normalize('NFD').replace(/[a-z][\u0302\u0306\u031b]/gi, (letter) => letter.normalize('NFC'))
}

test.each<[string, Buffer]>([
  ['UTF-8', Buffer.from(csv)],
  ['UTF-8 with a BOM', Buffer.from(`\uFEFF${csv}`)],
  ['UTF-16 of Excel', iconv.encode(csv.replaceAll(';', '\t'), 'utf-16le', { addBOM: true })],
  ['UTF-16 without a BOM', iconv.encode(csv, 'utf-16le')],
  ['windows-1258', iconv.encode(withMarksOfTones(csv), 'windows-1258')],
  ['a line sep=', Buffer.from(`sep=|\r\n${csv.replaceAll(';', '|')}`)],
  ['commas and quotes', Buffer.from(csv.replace(/;([^;\r]*)/g, ',"$1"'))],
])('CSV of %s is read', async (_title, bytes) => {
  const { folder, readAll } = await watch(rain)
  writeFileSync(join(folder, 'mua.csv'), bytes)
  const [file] = await readAll()
  expect(file?.problems).toEqual([])
  expect(file?.measurements?.map(({ device, ts, values }) => [device, ts, values['rain_mm']])).toEqual([
    ['Ka_Do', at('2026-11-15T08:30:00'), 1234.5],
    ['D_Ran', at('2026-11-15T08:40:00'), 0.2],
  ])
})

describe('files', () => {
  test('a file is read once it rests, and again when it changes', async () => {
    const { folder, collect, readAll } = await watch(rain, { settle_s: 3600 })
    writeFileSync(join(folder, 'mua.csv'), csv)
    await collect()
    expect(await collect()).toEqual({})
    const patient = await watch(rain, {}, folder)
    await patient.collect()
    writeFileSync(join(folder, 'mua.csv'), `${csv}Ka Đô;15/11/2026 08:50;1,5\r\n`)
    expect(await patient.collect()).toEqual({})
    expect((await patient.readAll()).map(({ measurements }) => measurements?.length)).toEqual([3])
    writeFileSync(join(folder, 'mua.csv'), `${csv}Ka Đô;15/11/2026 08:50;1,75\r\n`)
    expect((await patient.readAll()).map(({ measurements }) => measurements?.length)).toEqual([3])
    expect(await readAll()).toEqual([])
  })

  test('records that were not queued are read again, under the same times', async () => {
    const { folder, collect } = await watch({ ...rain, time: undefined })
    writeFileSync(join(folder, 'mua.csv'), csv)
    utimesSync(join(folder, 'mua.csv'), 1_790_000_000, 1_790_000_000)
    await collect()
    const first = await collect()
    const second = await collect()
    expect(second.measurements).toEqual(first.measurements)
    expect(first.measurements?.[0]?.ts).toBe(1_790_000_000_000)
  })

  test('files of editors, downloads and outcomes are skipped', async () => {
    const { folder, readAll } = await watch(rain, { extensions: ['csv', 'txt'] })
    for (const name of [
      '~$mua.csv',
      '.mua.csv',
      'mua.csv.tmp',
      'mua.csv.crdownload',
      'mua.csv.ketqua.txt',
      'mua.doc',
    ]) {
      writeFileSync(join(folder, name), csv)
    }
    expect(await readAll()).toEqual([])
  })

  test.each([
    ['without its columns', 'a;b\r\n1;2\r\n', 'KHÔNG NHẬN: không tìm thấy cột: Trạm, Mưa (mm), Thời điểm'],
    ['of too many invalid rows', csv.replace('15/11/2026 08:30', 'sáng'), 'KHÔNG NHẬN: 1 trên 2 dòng có lỗi'],
    ['that is empty', '', 'KHÔNG NHẬN: không tìm thấy cột'],
    ['that is too large', 'x'.repeat(20_000_001), 'KHÔNG NHẬN: tệp lớn hơn 20 MB'],
    [
      'of too many cells',
      `Trạm;Thời điểm;Mưa (mm)\r\n${'a;b;1\r\n'.repeat(70_000)}`,
      'KHÔNG NHẬN: tệp có quá 200000 ô',
    ],
  ])('a file %s is refused, and read again after a restart', async (_title, text, reason) => {
    const { folder, readAll, outcome, restart } = await watch(rain)
    writeFileSync(join(folder, 'mua.csv'), text)
    const [file] = await readAll()
    expect(file?.measurements ?? []).toEqual([])
    expect(outcome('mua.csv')).toContain(reason)
    expect(await readAll()).toEqual([])
    await restart()
    expect(await readAll()).toHaveLength(1)
  })

  test('a workbook that is none is refused', async () => {
    const { folder, readAll, outcome } = await watch(rain, { sheet: 'Mưa' })
    writeFileSync(join(folder, 'mua.xlsx'), Buffer.from([0x50, 0x4b, 3, 4, 1, 2, 3]))
    await readAll()
    expect(outcome('mua.xlsx')).toContain('KHÔNG NHẬN: không đọc được tệp')
  })

  test.skipIf(process.platform !== 'linux')('a file that cannot be read does not hold up the others', async () => {
    const { folder, readAll, collect } = await watch(rain)
    // Root may read any file but this one, whose first page is not there.
    symlinkSync('/proc/self/mem', join(folder, 'khoa.csv'))
    writeFileSync(join(folder, 'mua.csv'), csv)
    const later = Date.now() / 1000 + 3600
    utimesSync(join(folder, 'mua.csv'), later, later)
    const [file] = await readAll()
    expect(file?.problems).toEqual([expect.stringMatching(/^khoa\.csv: E\w+: /)])
    expect(file?.measurements).toHaveLength(2)
    // It is tried again, and named as long as it is there.
    expect(await collect()).toEqual({ problems: [expect.stringMatching(/^khoa\.csv: /)] })
  })

  test('a missing folder fails', async () => {
    const { collect } = await watch(rain, {}, '/nowhere')
    await expect(collect()).rejects.toThrow('/nowhere')
  })

  test('without the right to write an outcome it is in the folder of the agent', async () => {
    const own = testFolder()
    const { folder, readAll } = await watch(rain, {}, testFolder(), own)
    writeFileSync(join(folder, 'mua.csv'), csv)
    // A folder under the name of the outcome: root may write to any other.
    spawnSync('mkdir', [join(folder, 'mua.csv.ketqua.txt')])
    await readAll()
    expect(existsSync(join(own, 'collectors', 'folder', 'ket-qua', 'mua.csv.ketqua.txt'))).toBe(true)
  })
})
