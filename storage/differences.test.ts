import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { suiteLines } from './suite.ts'
import { rounded } from './testing/compare.ts'
import { startTestStore, type TestStore } from './testing/embedded.ts'
import { ask, post } from './testing/http.ts'
import { hasRealInflux, type RealInflux, startRealInflux } from './testing/real-influx.ts'

/** The questions of each part of the page, by its heading. */
function examples(): [part: string, query: string][] {
  const page = readFileSync(new URL('DIFFERENCES.md', import.meta.url), 'utf8')
  return page.split(/^## /m).flatMap((part) => {
    const [heading = ''] = part.split('\n', 1)
    const blocks = [...part.matchAll(/```influxql\n([\s\S]*?)```/g)].map(([, block = '']) => block)
    return blocks.flatMap((block) => block.trim().split('\n')).map((query): [string, string] => [heading, query])
  })
}

describe('each difference that is listed', () => {
  let embedded: TestStore
  let real: RealInflux | undefined

  beforeAll(async () => {
    embedded = await startTestStore()
    expect(await post(embedded.target, suiteLines.join('\n'))).toMatchObject({ status: 204 })
    if (!hasRealInflux()) return
    real = await startRealInflux('ioc')
    expect(await post(real.target, suiteLines.join('\n'))).toMatchObject({ status: 204 })
  })

  afterAll(async () => {
    await embedded?.stop()
    await real?.stop()
  })

  it.each(examples())('%s: %s', async (part, query) => {
    const given = await ask(embedded.target, query)
    if (part === 'Refused') expect(given.text).toMatch(/"error":".* at line 1, char \d+"/)
    else expect(given.text).toContain('"series"')
    if (!real) return
    const expected = await ask(real.target, query)
    // What InfluxDB could not write as JSON differs by that alone.
    if (expected.text.startsWith('{')) expect(rounded(given.text)).not.toEqual(rounded(expected.text))
  })
})
