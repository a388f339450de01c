import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

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
