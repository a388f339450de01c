import { expect, test } from 'vitest'
import { mean } from '../engine/aggregates/aggregates.ts'
import { derived, history, indicator } from '../indicators/indicator.ts'
import { sayWindow } from '../indicators/words.ts'
import { indicatorsText } from './generate.ts'

const minute = indicator({
  id: 'air_test',
  title: { vi: 'thử', en: 'test' },
  unit: 'ug/m3',
  source: 'air_quality',
  window: { kind: 'sliding', size_s: 3600, every_s: 90 },
  scopes: ['device', 'area'],
  levels: { direction: 'below', attention: 3, critical: 1 },
  bands: [
    { to: 3, title: { vi: 'Thấp', en: 'Low' }, colour: [0, 0, 255] },
    { to: 9, title: { vi: 'Cao', en: 'High' }, colour: [255, 0, 0] },
  ],
  unconfirmed: 'the limits',
  aggregates: { value: mean('pm25') },
  value: ({ value }) => value,
})

test('the page says all that a declaration says', () => {
  const day = derived({
    ...minute,
    id: 'air_test_day',
    window: { kind: 'calendar', unit: 'day' },
    formula: 'the last',
    inputs: { last: history(minute, 2) },
    value: ({ last }) => last[0],
  })
  const text = indicatorsText([{ id: 'test', title: { vi: 'Thử', en: 'Test' }, indicators: [minute, day] }])
  expect(text.slice(text.indexOf('## Thử'))).toBe(`## Thử · Test

### air_test

thử · test

- unit: \`ug/m3\`
- window: 1 h, every 90 s
- scopes: device, area
- source: measurements of \`air_quality\`
- formula: mean(pm25)
- levels: attention from 3 down, critical from 1 down
- bands: to 3 Thấp (Low), to 9 Cao (High)
- **unconfirmed**: the limits

### air_test_day

thử · test

- unit: \`ug/m3\`
- window: calendar day
- scopes: device, area
- source: 2 values of [air_test](#air_test)
- formula: the last
- levels: attention from 3 down, critical from 1 down
- bands: to 3 Thấp (Low), to 9 Cao (High)
- **unconfirmed**: the limits
`)
})

test.each([
  [{ kind: 'tumbling', size_s: 86_400 }, 'each 1 d'],
  [{ kind: 'sliding', size_s: 28_800, every_s: 600 }, '8 h, every 10 min'],
  [{ kind: 'session', gap_s: 100 }, 'session, ends after 100 s without an event'],
] as const)('%j is "%s"', (window, words) => {
  expect(sayWindow(window)).toBe(words)
})
