import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { collectorKinds } from './collectors/table.ts'
import { parseConfig } from './config/config.ts'
import { readmeOf, withOptions } from './docs.ts'

test.each(collectorKinds)('the README of $type has its options, and a sample that is valid', async (kind) => {
  const text = readFileSync(readmeOf(kind), 'utf8')
  expect(text, 'run: node edge-agent/docs.ts').toBe(withOptions(text, kind))
  const samples = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, sample = '']) => sample)
  expect(samples.length).toBeGreaterThan(0)
  for (const sample of samples) {
    const { config, errors } = await parseConfig(sample)
    expect(errors).toBeUndefined()
    expect(config?.collectors.some((collector) => collector.kind.type === kind.type)).toBe(true)
  }
})

test('the examples of the mapping are valid', async () => {
  const text = readFileSync(new URL('mapping/README.md', import.meta.url), 'utf8')
  for (const [, sample = ''] of text.matchAll(/```yaml\n(.*?)```/gs)) {
    expect((await parseConfig(sample)).errors).toBeUndefined()
  }
})
