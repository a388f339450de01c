import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { jsonNames, readOrCreateSecret, readPrivateJson, writePrivateJson, writePrivateText } from './private-file.ts'

const newFolder = () => mkdtempSync(join(tmpdir(), 'ioc-private-'))

test('a file is readable by its user alone, and what is written is read again', () => {
  const path = join(newFolder(), 'a', 'b.json')
  expect(writePrivateJson(path, { password: 'x' })).toBe(true)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readPrivateJson(path)).toEqual({ password: 'x' })
})

test('a file that is not to be replaced stays as it was, and no draft is left behind', () => {
  const folder = newFolder()
  const path = join(folder, 'key')
  writePrivateText(path, 'first')
  expect(writePrivateText(path, 'second', false)).toBe(false)
  expect(readOrCreateSecret(path, () => 'third')).toBe('first')
  expect(readdirSync(folder)).toEqual(['key'])
})

test('a write that fails leaves no draft behind', () => {
  const folder = newFolder()
  mkdirSync(join(folder, 'taken'))
  expect(() => writePrivateText(join(folder, 'taken'), 'x')).toThrow()
  expect(readdirSync(folder)).toEqual(['taken'])
})

test('a file that is missing or damaged has no JSON; a folder that is missing has no names', () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'damaged.json'), '{"a"')
  expect(readPrivateJson(join(folder, 'none.json'))).toBeUndefined()
  expect(readPrivateJson(join(folder, 'damaged.json'))).toBeUndefined()
  expect(jsonNames(folder)).toEqual(['damaged'])
  expect(jsonNames(join(folder, 'none'))).toEqual([])
  expect(readFileSync(join(folder, 'damaged.json'), 'utf8')).toBe('{"a"')
})
