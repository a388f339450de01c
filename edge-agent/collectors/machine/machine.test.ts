import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deviceTypes } from '@ioc/contract/device-types/table.ts'
import { isSlug } from '@ioc/contract/names.ts'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { configErrors } from '../../testing/context.ts'
import { parseDrive } from './drives.ts'
import { createMachineCollector, partId } from './machine.ts'
import { parseUnits, readServices } from './services.ts'

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

describe('services of SysV', () => {
  /** A script with an exit code of `status`. */
  function scriptsOf(codes: Readonly<Record<string, number>>): string {
    const folder = mkdtempSync(join(tmpdir(), 'ioc-init-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    for (const [name, code] of Object.entries(codes)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n[ "$1" = status ] || exit 9\nexit ${code}\n`, { mode: 0o755 })
    }
    return folder
  }

  test.skipIf(existsSync('/run/systemd/system'))('run as their scripts report; others are programs', async () => {
    const folder = scriptsOf({ web: 0, database: 3, dead: 1, locked: 2, odd: 4 })
    const states = await readServices(['web', 'database', 'dead', 'locked', 'odd', 'no-such-program'], folder)
    expect([...states].map(([name, { running }]) => [name, running])).toEqual([
      ['web', true],
      ['database', false],
      ['dead', false],
      ['locked', false],
      ['odd', false],
      ['no-such-program', false],
    ])
  })

  const script = '/etc/init.d/mosquitto'
  test.skipIf(existsSync('/run/systemd/system') || !hasProgram(script, 'mosquitto'))(
    'of Debian are asked by their own scripts',
    async () => {
      const { status } = spawnSync(script, ['status'])
      const states = await readServices(['mosquitto'])
      expect(states.get('mosquitto')).toEqual({ running: status === 0 })
    },
  )
})

describe('drives', () => {
  // Of the fields that smartctl 7 documents; this machine has no drive that answers.
  const ata = {
    model_name: 'ST1000',
    serial_number: 'Z1D',
    smart_status: { passed: false },
    temperature: { current: 41 },
    power_on_time: { hours: 30_111 },
    ata_smart_attributes: {
      table: [
        { id: 5, raw: { value: 16 } },
        { id: 197, raw: { value: 8 } },
        { id: 198, raw: { value: 2 } },
      ],
    },
  }
  const nvme = {
    model_name: 'NV2',
    smart_status: { passed: true },
    nvme_smart_health_information_log: { percentage_used: 104, media_errors: 0 },
    temperature: { current: 52 },
  }

  test.each([
    [
      'an ATA drive that is failing',
      ata,
      {
        id: 'Z1D',
        name: 'ST1000, /dev/sda',
        values: {
          ...{ healthy: false, temperature_c: 41, power_on_hours: 30_111 },
          ...{ reallocated_sectors: 16, pending_sectors: 8, media_errors: 2 },
        },
      },
    ],
    [
      'an NVMe drive without a serial number',
      nvme,
      {
        id: '/dev/sda',
        name: 'NV2, /dev/sda',
        values: { healthy: true, temperature_c: 52, wear_percent: 104, media_errors: 0 },
      },
    ],
    [
      'one that sleeps',
      { smartctl: { messages: [{ string: 'Device is in STANDBY mode, exit(2)', severity: 'information' }] } },
      'Device is in STANDBY mode, exit(2)',
    ],
    ['a card reader', { device: { name: '/dev/sdc' }, smart_status: 'x' }, 'it reports nothing (SMART)'],
  ])('%s is read from the report of smartctl', (_what, report, drive) => {
    expect(parseDrive('/dev/sda', report)).toEqual(drive)
    const { metrics } = deviceTypes.storage_drive
    const values = typeof drive === 'string' ? {} : drive.values
    expect(Object.keys(values).filter((name) => !(name in metrics))).toEqual([])
  })

  test.skipIf(!hasProgram('/usr/sbin/smartctl', 'smartmontools'))(
    'of this machine are read by the real smartctl, or it is reported why not; the rest is measured',
    async () => {
      const collector = createMachineCollector({ file_systems: true, drives: true }, machine)
      const { measurements = [], problems = [] } = await collector.collect(signal)
      const drives = measurements.filter(({ device }) => device.startsWith('pc-01-drive-'))
      expect(drives.length > 0 || problems.some((one) => one.startsWith('SMART: '))).toBe(true)
      expect(measurements.some(({ device }) => device.startsWith('pc-01-disk-'))).toBe(true)
      // Between two readings the problem stays, and nothing is measured again.
      const again = await collector.collect(signal)
      expect(again.problems).toEqual(problems)
      expect(again.measurements?.some(({ device }) => device.startsWith('pc-01-drive-'))).toBe(false)
    },
  )
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
