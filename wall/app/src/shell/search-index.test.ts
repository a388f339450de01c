import { expect, test } from 'vitest'
import { fold } from '../fold.ts'
import { find, indexOf, type SearchEntry } from './search-index.ts'

const entry = (kind: SearchEntry['kind'], title: string, ...others: string[]): SearchEntry => ({
  kind,
  url: `/${title}`,
  title,
  detail: '',
  others,
})

const index = indexOf([
  entry('device', 'Hồ chứa – Hồ Đơn Dương (Đa Nhim)', 'ho-don-duong', 'reservoir'),
  entry('site', 'Hồ Đơn Dương (Đa Nhim)', 'ho-don-duong'),
  entry('board', 'Y tế', 'Health'),
  entry('board', 'Môi trường và nước', 'Environment and water'),
  entry('indicator', 'Lượng mưa 1 giờ', 'Rain, 1 h', 'rain_1h'),
  entry('indicator', 'Số ngày liên tục không mưa', 'Days without rain'),
  entry('area', "D'Ran", '24934'),
])
const titles = (text: string) => find(index, text, 3).map(({ title }) => title)

test.each([
  ['Đơn Dương', 'don duong'],
  ["P'ró", 'pro'],
  ['Đạ Ròn', 'da ron'],
])('%s is found as %s', (text, folded) => {
  expect(fold(text)).toBe(folded)
})

test.each([
  ['ho da nhim', 'Hồ Đơn Dương (Đa Nhim)'],
  ['Hồ Đa Nhim', 'Hồ Đơn Dương (Đa Nhim)'],
  ['y te', 'Y tế'],
  ['health', 'Y tế'],
  ['mua', 'Lượng mưa 1 giờ'],
  ['rain_1h', 'Lượng mưa 1 giờ'],
  ['dran', "D'Ran"],
  ['24934', "D'Ran"],
  ['reservoir', 'Hồ chứa – Hồ Đơn Dương (Đa Nhim)'],
  ['nuoc moi', 'Môi trường và nước'],
])('%j finds %j first', (typed, title) => {
  expect(titles(typed)[0]).toBe(title)
})

test('every word has to occur, and signs mean nothing', () => {
  expect(titles('mua health')).toEqual([])
  expect(titles('  ')).toEqual([])
  expect(titles('.*')).toEqual([])
  expect(titles('(đa')).toEqual(['Hồ Đơn Dương (Đa Nhim)', 'Hồ chứa – Hồ Đơn Dương (Đa Nhim)'])
})
