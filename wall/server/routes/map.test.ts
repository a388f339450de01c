import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OutlinesFile } from '@ioc/contract/district/outlines.ts'
import type { ApiMapSources } from '@ioc/contract/messages/api.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Centre, startCentre } from '../testing/centre.ts'

const shipped = readFileSync(join(import.meta.dirname, '../../../district/outlines.geojson'), 'utf8')

describe('what the map is drawn from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-map-'))
  const outlines = join(folder, 'outlines.geojson')
  const mapFile = join(folder, 'base map.pmtiles')
  const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 251))
  const warnings: string[] = []
  let centre: Centre

  beforeAll(async () => {
    centre = await startCentre({ IOC_DISTRICT: folder, IOC_MAP_FILE: mapFile }, {}, (text) => warnings.push(text))
  })
  afterAll(async () => {
    await centre?.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const sources = async () => (await centre.get('/map/sources')).body as ApiMapSources

  test('is nothing where the operator provides nothing, which the log says of a file that is named', async () => {
    expect(warnings).toEqual([expect.stringContaining('IOC_MAP_FILE')])
    expect(await sources()).toEqual({ outlines: null, base: null })
    for (const path of ['/map/outlines', '/map/base.pmtiles']) {
      expect(await centre.get(path)).toMatchObject({ status: 404, body: { message: expect.stringMatching(/no /) } })
    }
  })

  test('are the outlines of the district, changed ones too; while they are invalid those before', async () => {
    writeFileSync(outlines, shipped)
    const { outlines: version } = await sources()
    const { status, body } = await centre.get('/map/outlines')
    expect(status).toBe(200)
    expect(body).toEqual(JSON.parse(shipped))
    writeFileSync(outlines, shipped.slice(0, -20))
    expect((await sources()).outlines).toBe(version)
    expect((await centre.get('/map/outlines')).body).toEqual(body)
    expect(warnings.at(-1)).toBe('the outlines are refused')
    writeFileSync(outlines, shipped.replace('"Ka Đô"', '"Ka Đô mới"'))
    expect((await sources()).outlines).not.toBe(version)
    const names = ((await centre.get('/map/outlines')).body as OutlinesFile).features.map((one) => one.properties.name)
    expect(names).toContain('Ka Đô mới')
  })

  test('are parsed once for each change of their file', async () => {
    const time = new Date('2026-11-30T00:00:00Z')
    writeFileSync(outlines, shipped)
    utimesSync(outlines, time, time)
    const { outlines: version } = await sources()
    writeFileSync(outlines, ' '.repeat(Buffer.byteLength(shipped)))
    utimesSync(outlines, time, time)
    expect((await sources()).outlines).toBe(version)
    expect(warnings.filter((text) => text === 'the outlines are refused')).toHaveLength(1)
  })

  test('is the base map of the operator, whole and in parts', async () => {
    writeFileSync(mapFile, bytes)
    expect((await sources()).base).toMatch(/^[\w-]+$/)
    const url = `${centre.url}/map/base.pmtiles?v=1`
    const read = async (range?: string) => {
      const response = await fetch(url, { headers: range === undefined ? {} : { range } })
      return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) }
    }
    expect((await read()).body).toEqual(bytes)
    const part = await read('bytes=100-199')
    expect(part).toMatchObject({ status: 206, body: bytes.subarray(100, 200) })
    expect(part.headers.get('content-range')).toBe('bytes 100-199/1000')
    expect((await read('bytes=-10')).body).toEqual(bytes.subarray(-10))
    expect((await read('bytes=5000-6000')).status).toBe(416)
  })

  test('needs the token where there is one', async () => {
    const guarded = await startCentre({ IOC_DISTRICT: folder, IOC_MAP_FILE: mapFile, IOC_API_TOKEN: 'k'.repeat(32) })
    for (const path of ['/map/sources', '/map/outlines', '/map/base.pmtiles', '/map/../map/base.pmtiles']) {
      expect((await centre.get(path)).status).toBe(200)
      expect((await guarded.get(path)).status).toBe(401)
    }
    await guarded.stop()
  })
})
