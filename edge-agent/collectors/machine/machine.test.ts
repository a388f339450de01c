import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deviceTypes } from '@ioc/contract/device-types/table.ts'
import { isSlug } from '@ioc/contract/names.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { configErrors } from '../../testing/context.ts'
import { createMachineCollector, partId } from './machine.ts'
import { parseUnits } from './services.ts'

const machine = { address: { site: 'ubnd', node: 'pc-01' }, host: 'PC' }
const nothing = { file_systems: false, interfaces: false }
const signal = AbortSignal.timeout(60_000)

describe('the parts of this machine', () => {
  test('are its disks and interfaces, each a device with declared metrics', async () => {
    const collector = createMachineCollector({ file_systems: true, interfaces: true }, machine)
    await collector.collect(signal)
    const { measurements = [], problems } = await collector.collect(signal)
    const devices = new Map(collector.devices().map((device) => [device.id, device]))
    expect(problems).toEqual([])
    for (const { device, values } of measurements) {
      const { type = '' } = devices.get(device) ?? {}
      const { metrics } = deviceTypes[type as 'file_system' | 'network_interface']
      expect(Object.keys(values).filter((name) => !(name in metrics))).toEqual([])
    }
    const disks = measurements.filter(({ device }) => device.startsWith('pc-01-disk-'))
    const { blocks, bsize } = statfsSync('/')
    expect(disks.map(({ values }) => Math.round(Number(values['total_bytes']) / 1e9))).toContain(
      Math.round((blocks * bsize) / 1e9),
    )
    const rates = measurements.filter(({ device }) => device.startsWith('pc-01-net-'))
    expect(rates.every(({ values }) => Number(values['rx_bytes_per_s']) >= 0)).toBe(true)
  })

  test('a program that must run is a device, running until it ends', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ioc-program-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    // Programs are found by name: one that no other process of this machine has.
    const name = `ioc-p${process.pid}`
    copyFileSync('/bin/sleep', join(folder, name))
    const program = spawn(join(folder, name), ['300'])
    onTestFinished(() => void program.kill())
    const collector = createMachineCollector({ ...nothing, processes: [name, 'no-such-program'] }, machine)
    const states = async () =>
      Object.fromEntries(
        ((await collector.collect(signal)).measurements ?? []).map(({ device, values }) => [device, values['running']]),
      )
    await expect.poll(states).toEqual({ [`pc-01-service-${name}`]: true, 'pc-01-service-no-such-program': false })
    program.kill()
    await expect.poll(states).toEqual({ [`pc-01-service-${name}`]: false, 'pc-01-service-no-such-program': false })
    expect(collector.devices().map(({ type }) => type)).toEqual(['service', 'service'])
  })
})

test.each([
  ['disk', '/', 'pc-01-disk-root'],
  ['disk', '/srv/data', 'pc-01-disk-srv-data'],
  ['disk', '/mnt/Dữ liệu', 'pc-01-disk-mnt-du-lieu'],
  ['service', 'getty@tty1.service', 'pc-01-service-getty-tty1-service'],
])('a %s %s is the device %s', (kind, name, id) => {
  expect(partId('pc-01', kind, name)).toBe(id)
})

test('devices of long names have valid names, each its own', () => {
  const paths = ['a', 'b'].map((end) => `/var/lib/${'x'.repeat(80)}/${end}`)
  for (const node of ['pc-01', 'n'.repeat(64)]) {
    const ids = paths.map((path) => partId(node, 'disk', path))
    expect(ids.every(isSlug)).toBe(true)
    expect(new Set(ids).size).toBe(2)
  }
})

test('units of systemd run while they are active or reload', () => {
  const text = [
    'Id=nginx.service\nActiveState=active',
    'Id=postgresql.service\nActiveState=failed',
    'Id=none.service\nActiveState=inactive',
    'ActiveState=reloading\nId=ssh.service',
  ]
  expect(parseUnits(`${text.join('\n\n')}\n`)).toEqual([true, false, false, true])
})

test('something must be measured, and each name once', async () => {
  const off = { type: 'machine', file_systems: false, interfaces: false }
  expect(await configErrors(off)).toEqual(['collectors[0]: nothing is to be measured'])
  expect(await configErrors({ ...off, services: ['nginx', 'nginx'] })).toEqual([
    'collectors[0].services[1]: this name is there twice',
  ])
  expect(await configErrors({ ...off, services: ['nginx'], processes: ['cron', 'Nginx'] })).toEqual([
    'collectors[0].processes[1]: this name is there twice',
  ])
  expect(await configErrors({ ...off, services: ['--help'] })).toMatchObject([expect.stringContaining('services[0]')])
})
