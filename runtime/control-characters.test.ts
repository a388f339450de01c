import { expect, test } from 'vitest'
import { escapeControls } from './control-characters.ts'

test.each([
  ['a line break', 'a\nb', 'a\\u000ab'],
  ['a carriage return', 'a\rb', 'a\\u000db'],
  ['an escape sequence', '\x1b[31mred', '\\u001b[31mred'],
  ['a C1 control sequence introducer', '\x9b31m', '\\u009b31m'],
  ['a line separator', 'a\u2028b', 'a\\u2028b'],
  ['a mark that turns text around', 'a\u202eb', 'a\\u202eb'],
  ['NUL and DEL', '\0\x7f', '\\u0000\\u007f'],
])('%s is escaped', (_what, text, escaped) => {
  expect(escapeControls(text)).toBe(escaped)
})

test('what people write stays as it is', () => {
  expect(escapeControls('Đơn Dương · trạm số 1, 18,2 °C')).toBe('Đơn Dương · trạm số 1, 18,2 °C')
})

test('an escaped JSON document is the same document', () => {
  const document = { topic: 'a\x9b\u2028\u202e\x7fb' }
  expect(JSON.parse(escapeControls(JSON.stringify(document)))).toEqual(document)
})
