import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestStore, type TestStore } from '../testing/embedded.ts'
import { ask, post } from '../testing/http.ts'
import { hasDebianInflux, type InfluxProcess, startDebianInflux } from '../testing/real-influx.ts'

/** Texts, `M` in place of a measurement of their own, and their precision where it is not ns. */
const texts: readonly (readonly [text: string, precision?: string])[] = [
  ['M v=1 1'],
  ['M,a=b v=1 1'],
  ['M,a=b,c=d v=1,w=2i,x=t,y=F,z="s" 1'],
  ['M,b=2,a=1 v=1 1\nM,a=1,b=2 v=2 1'],
  ['M v=1 1', 's'],
  ['M v=1 1', 'ms'],
  ['M v=1 1', 'u'],
  ['M v=1 1', 'm'],
  ['M v=1 1', 'h'],
  ['M v=-1.5e-3,x=.5,y=5.,z=1E5 1'],
  ['M v=9223372036854775807i,w=-9223372036854775808i 1'],
  ['M v=9223372036854775808i 1'],
  ['M v=1.5i 1'],
  ['M v=1e400 1'],
  ['M v=TRUE,w=True,x=true,y=T,z=f 1'],
  ['M v=tRUE 1'],
  ['M v=NaN 1'],
  ['M v=inf 1'],
  ['M v=" 1'],
  ['M v="" 1'],
  ['M v="a\\"b\\\\c" 1'],
  ['M v="a\\nb" 1'],
  ['M v="line\nbreak" 1'],
  ['M v="a,b=c d" 1'],
  ['M v="é表😀" 1'],
  ['M,t=é表 v=1 1'],
  ['M,t\\ a=b\\ c v\\ x=1 1'],
  ['M,t\\=a=b\\=c v\\=x=1 1'],
  ['M,t\\,a=b\\,c v\\,x=1 1'],
  ['M,t=a\\b v\\x=1 1'],
  ['M,t="q" v=1 1'],
  ['M\\ x,t=a v=1 1'],
  ['M\\=x,a==b v=1 1'],
  ['M\\"x v\\"=1 1'],
  ['M v\\\\\\"=1 1'],
  ['# comment\nM v=1 1\n#another\n  # third\nM v=2 2'],
  ['\n\nM v=1 1\n\n'],
  ['  M v=1 1'],
  ['M v=1 1  '],
  ['M   v=1   1'],
  ['M v=1 -1'],
  ['M v=1 9223372036854775806'],
  ['M v=1 9223372036854775807'],
  ['M v=1 -9223372036854775806'],
  ['M v=1 -9223372036854775808'],
  ['M v=1 1.5'],
  ['M v=1 x'],
  ['M v=1 1 1'],
  ['M'],
  ['M '],
  ['M v'],
  ['M v='],
  ['M =1 1'],
  ['M v=1,'],
  ['M v=1,w 1'],
  ['M, v=1 1'],
  ['M,a v=1 1'],
  ['M,a= v=1 1'],
  ['M,=b v=1 1'],
  ['M,a=b=c v=1 1'],
  ['M,a=1,a=2 v=1 1'],
  ['M v=1,v=2 1'],
  ['M v=1 1\nM v=2i 2'],
  ['M v=1 1\nbad\nM v=3 3'],
  ['M v=1 1\nM v=2i 2\nbad\nM v=3 3'],
  ['M v=1i2 1'],
  ['M v=1e 1'],
  ['M v=--1 1'],
  ['M v=0x1 1'],
  ['M time=1,v=2 1'],
  ['M,time=a v=1 1'],
  [''],
  ['# only a comment'],
]

describe.skipIf(!hasDebianInflux())('the embedded store takes the lines that InfluxDB takes', () => {
  let embedded: TestStore
  let real: InfluxProcess
  let number = 0

  beforeAll(async () => {
    embedded = await startTestStore()
    real = await startDebianInflux('ioc')
  })

  afterAll(async () => {
    await embedded?.stop()
    await real?.stop()
  })

  it.each(texts)('%j %s', async (text = '', precision = 'ns') => {
    const name = `m${number++}`
    const lines = text.replaceAll(/^( *)M/gm, `$1${name}`)
    const [expected, given] = [await post(real.target, lines, precision), await post(embedded.target, lines, precision)]
    expect([given.status, given.text, expected.text]).toEqual([expected.status, given.text, expected.text])
    // InfluxDB finds a tag that is given twice while it parses.
    if (expected.status === 400 && !expected.text.includes('duplicate tags')) {
      expect(given.text.includes('partial write')).toBe(expected.text.includes('partial write'))
    }
    for (const q of [`SELECT * FROM /^${name}\\b/`, `SHOW SERIES FROM /^${name}\\b/`]) {
      const [wanted, got] = [await ask(real.target, q), await ask(embedded.target, q)]
      expect(JSON.parse(got.text)).toEqual(JSON.parse(wanted.text))
    }
  })
})
