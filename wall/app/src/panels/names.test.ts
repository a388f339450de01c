import { expect, test } from 'vitest'
import { abbreviated, shortNames } from './names.ts'

test.each([
  [['Camera tầm cao Đạ Ròn', 'Camera tầm cao Ka Đô'], 'Camera tầm cao', ['Đạ Ròn', 'Ka Đô']],
  [['Trạm mưa 1', 'Trạm mưa 2'], 'Lượng mưa các trạm mưa', ['1', '2']],
  [['Hồ sơ đất đai quá hạn', 'Hồ sơ đất đai tồn'], 'Hồ sơ đất đai tồn và quá hạn', ['Quá hạn', 'Tồn']],
  [['Hồ sơ quá hạn', 'Hồ sơ đúng hạn'], 'Kết quả', ['Hồ sơ quá hạn', 'Hồ sơ đúng hạn']],
  [['Xã Ka Đô', 'Xã Ka Đơn'], 'Các xã', ['Xã Ka Đô', 'Xã Ka Đơn']],
  [['Camera', 'Camera 2'], 'Camera', ['Camera', 'Camera 2']],
  [['Camera 1'], 'Camera', ['Camera 1']],
  [[], 'Camera', []],
])('%o below "%s" are %o', (names, title, expected) => {
  expect(shortNames(names, title)).toEqual(expected)
})

test('names of one kind are short below a title in another language', () => {
  const names = ['Camera tầm cao Đạ Ròn', 'Camera tầm cao Ka Đô']
  expect(shortNames(names, 'High cameras')).toEqual(names)
  expect(shortNames(names, 'High cameras', true)).toEqual(['Đạ Ròn', 'Ka Đô'])
})

test('offices and schools have their usual abbreviations', () => {
  expect(abbreviated("Ủy ban nhân dân xã D'Ran")).toBe("UBND xã D'Ran")
  expect(abbreviated('Trường Trung học cơ sở Ka Đô')).toBe('Trường THCS Ka Đô')
  expect(abbreviated('Trạm Y tế Lạc Lâm')).toBe('Trạm Y tế Lạc Lâm')
})
