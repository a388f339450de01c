import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { linesOfAppendFile, openAppendFile } from './append-file.ts'

const newPath = () => join(mkdtempSync(join(tmpdir(), 'ioc-append-')), 'lines.jsonl')
const valuesOf = (path: string) => [...linesOfAppendFile(path)].map(({ value }) => value)

test('values are read in the order in which they were appended, also after the file was opened again', () => {
  const path = newPath()
  const first = openAppendFile(path, 0)
  first.append({ a: 'Đơn Dương' })
  first.append([2])
  first.close()
  const [, last] = [...linesOfAppendFile(path)]
  const second = openAppendFile(path, last?.end ?? 0)
  second.append(3)
  expect(second.length).toBe(readFileSync(path).length)
  second.close()
  expect(valuesOf(path)).toEqual([{ a: 'Đơn Dương' }, [2], 3])
})

test('what a crash cut off is removed when the file is opened', () => {
  const path = newPath()
  const file = openAppendFile(path, 0)
  file.append('whole')
  const { length } = file
  file.close()
  appendFileSync(path, 'deadbeef "cut o')
  expect([...linesOfAppendFile(path)].at(-1)).toMatchObject({ isCut: true, value: undefined, at: length })
  openAppendFile(path, length).close()
  expect(readFileSync(path).length).toBe(length)
})

test('a line that does not match its check sum has no value', () => {
  const path = newPath()
  writeFileSync(path, '00000000 1\nno check sum\n')
  expect(valuesOf(path)).toEqual([undefined, undefined])
})

test('all lines are replaced by one, and more are appended to it', () => {
  const path = newPath()
  const file = openAppendFile(path, 0)
  for (const value of [1, 2, 3]) file.append(value)
  file.replaceBy('snapshot')
  file.append(4)
  file.close()
  expect(valuesOf(path)).toEqual(['snapshot', 4])
})
