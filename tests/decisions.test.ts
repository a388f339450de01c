import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '../docs/decisions')
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

test('every decision is in the list, with its title and under its own number', () => {
  const files = readdirSync(folder).filter((name) => /^\d{4}-/.test(name))
  const lines = files.map((name) => `- [${read(name).split('\n', 1)[0]?.slice('# '.length)}](${name})`)
  const listed = read('README.md').split('\n')
  expect(listed.filter((line) => line.startsWith('- '))).toEqual(lines)
  expect(lines.map((line) => Number(/\d+/.exec(line)?.[0]))).toEqual(files.map((name) => Number(name.slice(0, 4))))
})
