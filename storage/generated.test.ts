import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rounded } from './testing/compare.ts'
import { startTestStore, type TestStore } from './testing/embedded.ts'
import { type Generated, generated, tied } from './testing/generated.ts'
import { ask, post } from './testing/http.ts'
import { nested } from './testing/nested.ts'
import { hasRealInflux, type RealInflux, startRealInflux } from './testing/real-influx.ts'

describe.skipIf(!hasRealInflux())('random questions about random points', () => {
  let embedded: TestStore
  let real: RealInflux
  let count = 0

  beforeAll(async () => {
    embedded = await startTestStore()
    real = await startRealInflux('ioc')
  })

  afterAll(async () => {
    await embedded?.stop()
    await real?.stop()
  })

  /** Writes the points under a name of their own, because every try is of the same two stores. */
  async function compare({ lines, queries }: Generated, least = 0): Promise<void> {
    const name = `m${count++}`
    const text = lines.map((line) => line.replace(/^m/, name)).join('\n')
    for (const { target } of [embedded, real]) expect(await post(target, text)).toEqual({ status: 204, text: '' })
    for (const query of queries) {
      const asked = query.replaceAll('FROM m', `FROM ${name}`)
      const [expected, given] = [await ask(real.target, asked, ns), await ask(embedded.target, asked, ns)]
      expect(answered(given.text, least), asked).toEqual(answered(expected.text, least))
    }
  }

  it('answers alike', async () => {
    await fc.assert(
      fc.asyncProperty(generated, (one) => compare(one)),
      { numRuns: propertyRuns(40) },
    )
  })

  it('answers alike where several series have points of one time', async () => {
    await fc.assert(
      fc.asyncProperty(tied, (one) => compare(one)),
      { numRuns: propertyRuns(10) },
    )
  })

  it('answers alike about answers of answers', async () => {
    await fc.assert(
      fc.asyncProperty(nested, (one) => compare(one, nearlyZero)),
      { numRuns: propertyRuns(10) },
    )
  })
})

const ns = { epoch: 'ns' }

/** What may be left where two means that differ in their last digits are taken from each other. */
const nearlyZero = 1e-9

/** An answer, or that there is none: what is refused is refused in words of one's own. */
function answered(text: string, least: number): unknown {
  return JSON.parse(JSON.stringify(rounded(text, least)), (key, value: unknown) =>
    key === 'error' ? 'refused' : value,
  )
}
