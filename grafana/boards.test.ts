import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { deviceTypes } from '@ioc/contract/device-types/table.ts'
import { domains, indicators } from '@ioc/stream-processor/indicators/table.ts'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { InfluxQuery } from './boards/query.ts'
import { boards } from './boards/table.ts'
import { thresholdSteps } from './boards/thresholds.ts'
import { grafanaUnit } from './boards/units.ts'
import { differences, generate } from './generate.ts'

interface Measurement {
  readonly tags: readonly string[]
  readonly fields: readonly string[]
}

/** What is stored, as the design says. */
const measurements: Readonly<Record<string, Measurement>> = {
  indicator: { tags: ['id', 'scope', 'area', 'site', 'device'], fields: ['value', 'level', 'samples'] },
  ledger: { tags: ['site', 'node'], fields: ['sent', 'stored', 'duplicates', 'queued', 'lost', 'rejected'] },
  ...Object.fromEntries(
    Object.values(deviceTypes).map(({ id, metrics }) => [
      id,
      { tags: ['area', 'site', 'device'], fields: Object.keys(metrics) },
    ]),
  ),
}

const built = boards.map(({ name, build }) => ({ name, board: build() }))
const panelsOf = (board: Dashboard): Panel[] => (board.panels ?? []) as Panel[]
const queriesOf = (board: Dashboard): string[] => [
  ...panelsOf(board).flatMap((panel) => (panel.targets ?? []).map((target) => (target as InfluxQuery).query)),
  ...(board.templating?.list ?? []).map(({ query }) => String(query)),
]

describe.each(built)('board $name', ({ board }) => {
  it('has panels of the kinds that the wall knows, each with an id of its own, in no one else’s place', () => {
    const panels = panelsOf(board)
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    for (const { type, title } of panels) {
      expect(['timeseries', 'stat', 'gauge', 'table'], title).toContain(type)
    }
    const cells = panels.flatMap(({ gridPos }) =>
      gridPos
        ? Array.from({ length: gridPos.w * gridPos.h }, (_, cell) => {
            const x = gridPos.x + (cell % gridPos.w)
            expect(x).toBeLessThan(24)
            return `${x},${gridPos.y + Math.floor(cell / gridPos.w)}`
          })
        : [],
    )
    expect(new Set(cells).size).toBe(cells.length)
  })

  it('asks only for what is stored', () => {
    for (const query of queriesOf(board)) {
      const from = /FROM "(\w+)"/.exec(query)?.[1] ?? ''
      const measurement = measurements[from]
      expect(measurement, query).toBeDefined()
      const names = [...query.replace(/AS "\w+"/g, '').matchAll(/"(\w+)"/g)].map(([, name]) => name)
      const known = [from, ...(measurement?.tags ?? []), ...(measurement?.fields ?? [])]
      for (const name of names) expect(known, query).toContain(name)
      for (const [, id] of query.matchAll(/"id" = '(\w+)'/g)) {
        expect(indicators.map((indicator) => indicator.id)).toContain(id)
      }
      const variables = [...query.matchAll(/'\$(\w+)'/g)].map(([, name]) => name)
      const declared = (board.templating?.list ?? []).map(({ name }) => name)
      for (const name of variables) expect(declared).toContain(name)
    }
  })

  it('names no folder, no database id, and only the declared data source', () => {
    const text = JSON.stringify(board)
    expect(text).not.toContain('folderUid')
    expect(board.id ?? null).toBeNull()
    const uids = new Set([...text.matchAll(/"type":"influxdb","uid":"([^"]+)"/g)].map(([, uid]) => uid))
    expect([...uids]).toEqual(['ioc-influx'])
    const yaml = readFileSync(join(import.meta.dirname, 'provisioning/datasources/influxdb.yaml'), 'utf8')
    expect(yaml).toContain('uid: ioc-influx')
  })
})

it('gives every board a uid of its own', () => {
  const uids = built.map(({ board }) => board.uid)
  expect(uids).not.toContain(undefined)
  expect(new Set(uids).size).toBe(uids.length)
})

it('is committed as it is generated', async () => {
  expect(differences()).toEqual([])
  const [first] = generate()
  expect(first?.[1].endsWith('}\n')).toBe(true)
  const run = promisify(execFile)(process.execPath, [join(import.meta.dirname, 'generate.ts'), '--check'])
  expect(await run).toMatchObject({ stderr: '' })
})

it('turns levels into thresholds, for high and for low', () => {
  const limits = { attention: 3, warning: 2, critical: 1 }
  expect(thresholdSteps({ direction: 'above', attention: 70, critical: 95 })).toEqual([
    { value: null, color: 'text' },
    { value: 70, color: 'yellow' },
    { value: 95, color: 'red' },
  ])
  expect(thresholdSteps({ direction: 'below', ...limits })).toEqual([
    { value: null, color: 'red' },
    { value: 1, color: 'orange' },
    { value: 2, color: 'yellow' },
    { value: 3, color: 'text' },
  ])
  expect(thresholdSteps(undefined)).toEqual([{ value: null, color: 'text' }])
})

it('Grafana has a unit for each domain of society and economy, as money and points', () => {
  const nature = ['air', 'weather', 'water', 'forest', 'traffic', 'cameras', 'security', 'infrastructure', 'machines']
  const society = domains.filter(({ id }) => !nature.includes(id)).flatMap((domain) => domain.indicators)
  for (const { id, unit } of society) expect(() => grafanaUnit(unit), id).not.toThrow()
  expect(grafanaUnit('VND')).toBe('currencyVND')
})

describe('provisioning', () => {
  const folder = join(import.meta.dirname, 'provisioning')
  const read = (path: string): unknown => parse(readFileSync(join(folder, path), 'utf8'))

  it('names the database for Grafana before 9.5 and after', () => {
    const { datasources } = read('datasources/influxdb.yaml') as {
      datasources: { database: string; jsonData: { dbName: string } }[]
    }
    expect(datasources.map(({ database, jsonData }) => [database, jsonData.dbName])).toEqual([
      ['$IOC_INFLUX_BUCKET', '$IOC_INFLUX_BUCKET'],
    ])
  })

  it('names variables so that a $ in their values stays: in braces they would be expanded twice', () => {
    for (const path of ['datasources/influxdb.yaml', 'dashboards/ioc.yaml']) {
      expect(JSON.stringify(read(path))).not.toMatch(/\$\{|\$__/)
    }
  })

  it.each(['plugins', 'notifiers', 'alerting'])(
    'has the folder %s, which Grafana looks for, with a valid file',
    (name) => {
      expect(readdirSync(join(folder, name))).toEqual(['none.yaml'])
      expect(read(`${name}/none.yaml`)).toEqual({ apiVersion: 1 })
    },
  )
})
