import { expect, test } from 'vitest'
import { countArgument, readArguments } from './arguments.ts'

const options = {
  from: { type: 'string' },
  out: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const
const read = (...args: string[]) => readArguments(args, options, 'try A [B]', ['A', '[B]'])

test.each([
  [['x', '--from', '-7d'], { from: '-7d', json: false }, ['x']],
  [['--from=-7d', 'x', 'y'], { from: '-7d', json: false }, ['x', 'y']],
  [['--from', '-1m', '--out', '-', '--json', 'x'], { from: '-1m', out: '-', json: true }, ['x']],
  [['--', '--from'], { json: false }, ['--from']],
])('%j is understood', (args, values, positionals) => {
  const parsed = read(...args)
  expect({ ...parsed.values }).toEqual(values)
  expect(parsed.positionals).toEqual(positionals)
})

test.each([
  [[], 'A is missing; usage: ioc try A [B]'],
  [['x', 'y', 'z'], 'unexpected argument "z"'],
  [['x', '--form', '-7d'], "Unknown option '--form'"],
  [['x', '--from'], 'argument missing'],
  [['x', '--from', '--json'], 'argument'],
  [['x', '--json=yes'], 'does not take an argument'],
  [['x', '-7d'], "Unknown option '-7'"],
])('%j is refused', (args, message) => {
  expect(() => read(...args)).toThrow(expect.objectContaining({ code: 'USAGE_INVALID' }))
  expect(() => read(...args)).toThrow(message)
})

test.each(['abc', '0', '-5', '1.5', '1e3', '', ' 7', '99999999999999999999'])('%j is no count', (text) => {
  expect(() => countArgument(text, 'LIMIT', 'try')).toThrow(expect.objectContaining({ code: 'USAGE_INVALID' }))
})
