import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { silent } from '@ioc/uplink/testing/silent.ts'
import { expect, onTestFinished } from 'vitest'
import type { Collector, CollectorContext } from '../collectors/collector.ts'
import { createCollector } from '../collectors/create.ts'
import { parseConfig } from '../config/config.ts'

export interface TestCollector {
  readonly collector: Collector
  /** Runs it once. The timeout only keeps a test that fails from hanging. */
  collect(timeoutMs?: number): ReturnType<Collector['collect']>
}

/** A collector of the one entry of a configuration, which is written as JSON: YAML includes it. */
export async function testCollector(
  options: Readonly<Record<string, unknown>>,
  overrides: Partial<Pick<CollectorContext, 'allowExec' | 'folder'>> = {},
): Promise<TestCollector> {
  const { config, errors } = await parseConfig(JSON.stringify({ collectors: [options] }))
  expect(errors).toBeUndefined()
  const [entry] = config?.collectors ?? []
  if (!entry) throw new Error('no collector')
  const collector = await createCollector(entry, {
    address: { site: 'commune-1', node: 'box-1' },
    host: 'box',
    allowExec: false,
    logger: silent,
    folder: testFolder(),
    ...overrides,
  })
  onTestFinished(async () => collector.stop?.())
  return { collector, collect: (timeoutMs = 30_000) => collector.collect(AbortSignal.timeout(timeoutMs)) }
}

/** The errors of a configuration with this one collector, in English. */
export async function configErrors(options: Readonly<Record<string, unknown>>): Promise<string[]> {
  const { errors = [] } = await parseConfig(JSON.stringify({ collectors: [options] }))
  return errors.map(({ field, reason }) => `${field}: ${reason.en}`)
}
