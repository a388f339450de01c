import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const project = fileURLToPath(new URL('..', import.meta.url))
const compose = join(project, 'deploy/compose')

interface Service {
  readonly image?: string
  readonly restart?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly healthcheck?: { readonly test: readonly string[] }
}

/** The services of some compose files, each added to the one before, as `docker compose -f A -f B` does. */
function services(...files: string[]): [name: string, service: Service][] {
  const merged = new Map<string, Service>()
  for (const file of files) {
    const content = parse(readFileSync(join(compose, file), 'utf8')) as { services: Record<string, Service> }
    for (const [name, service] of Object.entries(content.services)) {
      const before = merged.get(name)
      merged.set(name, { ...before, ...service, environment: { ...before?.environment, ...service.environment } })
    }
  }
  return [...merged]
}

describe.each([
  ['Grafana alone', ['compose.yaml'], ['grafana']],
  ['Grafana and InfluxDB', ['compose.yaml', 'influxdb.yaml'], ['grafana', 'influxdb']],
])('compose: %s', (_, files, names) => {
  const all = services(...files)

  test('has its services', () => {
    expect(all.map(([name]) => name)).toEqual(names)
  })

  test.each(all)('%s is pinned, kept under restart and health check, and has no empty secret', (_name, service) => {
    expect(service.image).toMatch(/^[a-z]+(\/[a-z]+)?:\d+\.\d+\.\d+$/)
    expect(service.image).not.toContain('grafana-oss')
    expect(service.restart).toBe('unless-stopped')
    expect(service.healthcheck?.test[0]).toBe('CMD')
    for (const [variable, value] of Object.entries(service.environment ?? {})) {
      if (/PASSWORD|TOKEN|SECRET/.test(variable)) expect(value, variable).toMatch(/^\$\{\w+(:\?.+|:-.+)\}$/)
      expect(value, variable).not.toMatch(/:?-\}/)
    }
  })

  test('asks for every password, and InfluxDB for its token', () => {
    for (const [, { environment = {} }] of all) {
      for (const [variable, value] of Object.entries(environment)) {
        const asked = /PASSWORD/.test(variable) || (/TOKEN/.test(variable) && files.length > 1)
        if (asked) expect(value, variable).toContain(':?')
      }
    }
  })
})

test('.env.example holds what the compose files ask for', () => {
  const example = readFileSync(join(compose, '.env.example'), 'utf8')
  for (const file of ['compose.yaml', 'influxdb.yaml']) {
    for (const [, variable] of readFileSync(join(compose, file), 'utf8').matchAll(/\$\{(\w+):\?/g)) {
      expect(example).toMatch(new RegExp(`^${variable}=$`, 'm'))
    }
  }
})

const units = readdirSync(join(project, 'deploy/systemd'))
const analyzer = '/usr/bin/systemd-analyze'
const hasAnalyzer = spawnSync(analyzer, ['--version']).status === 0

test.skipIf(!hasAnalyzer).each(units)('systemd accepts %s', (unit) => {
  const text = readFileSync(join(project, 'deploy/systemd', unit), 'utf8')
  // The project stands here, and not where the unit expects it.
  const path = join(mkdtempSync(join(tmpdir(), 'ioc-units-')), unit)
  writeFileSync(path, text.replaceAll('/opt/ioc/', project))
  const { status, stderr } = spawnSync(analyzer, ['verify', '--man=no', path], { encoding: 'utf8' })
  expect({ status, stderr: stderr.split('\n').filter((line) => line.includes(unit)) }).toEqual({
    status: 0,
    stderr: [],
  })
})
