import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { linesOf } from './lines.ts'
import { testEngine } from './testing/engine.ts'

const page = readFileSync(new URL('../docs/messages.md', import.meta.url), 'utf8')
/** 08:00 on the district's clocks. */
const arrival = Date.UTC(2026, 6, 1, 1)

/** The blocks of the page: a payload, and below it what becomes of it. */
function examples(): { payload: string; outcome: string[] }[] {
  return [...page.matchAll(/```text\n([\s\S]*?)```/g)].map(([, block = '']) => {
    const [payload = '', ...outcome] = block.trimEnd().split('\n')
    return { payload, outcome }
  })
}

/** What the engine makes of a payload: lines of the store, and reasons of what it sets aside. */
function outcomeOf(payload: string): string[] {
  const kind = payload.includes('"case"') ? 'cases' : payload.includes('"online"') ? 'status' : 'telemetry'
  const engine = testEngine({ indicators: [] })
  const record = { kind, site: 'don-duong', node: 'tram-1', arrival, payload: Buffer.from(payload) } as const
  const output = engine.process({ offset: 0, records: [record], next: 1 })
  const devices = engine.takeLive(100).map((source) => source.read())
  return [
    ...linesOf({ ...output, ledgerPoints: [], lives: [] }).lines.map((line) => `stored     ${line}`),
    ...devices.flatMap((one) => {
      return one && kind !== 'telemetry' && 'name' in one ? [`known      ${one.device}, called ${one.name}`] : []
    }),
    ...output.deadLetters.map(({ letter }) => `set aside  ${letter.reason}`),
  ]
}

describe('each example of docs/messages.md', () => {
  test.each(examples())('$payload', ({ payload, outcome }) => {
    expect(outcomeOf(payload)).toEqual(outcome)
  })
})
