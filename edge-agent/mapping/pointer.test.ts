import { expect, test } from 'vitest'
import { atPointer } from './pointer.ts'

/** The examples of RFC 6901, section 5. */
const document = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
}

test.each([
  ['', document],
  ['/foo', ['bar', 'baz']],
  ['/foo/0', 'bar'],
  ['/', 0],
  ['/a~1b', 1],
  ['/c%d', 2],
  ['/e^f', 3],
  ['/g|h', 4],
  ['/i\\j', 5],
  ['/k"l', 6],
  ['/ ', 7],
  ['/m~0n', 8],
  ['foo', ['bar', 'baz']],
  ['/foo/00', undefined],
  ['/foo/-', undefined],
  ['/foo/length', undefined],
  ['/constructor', undefined],
  ['/foo/0/x', undefined],
  ['/~01', undefined],
])('%s', (pointer, expected) => {
  expect(atPointer(document, pointer)).toEqual(expected)
})
