import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { describe, expect, test } from 'vitest'
import { readTemperature } from './temperature.ts'

/** A folder with these files of `/sys/class`. */
function sysOf(files: Readonly<Record<string, string>>): string {
  const root = testFolder()
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, 'sys/class', name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${text}\n`)
  }
  return root
}

const disk = {
  'hwmon/hwmon0/name': 'nvme',
  'hwmon/hwmon0/temp1_label': 'Composite',
  'hwmon/hwmon0/temp1_input': '71850',
}
const acpi = { 'thermal/thermal_zone0/type': 'acpitz', 'thermal/thermal_zone0/temp': '27800' }

describe('the temperature of the processor', () => {
  test.each<[machine: string, files: Record<string, string>, celsius: number | undefined]>([
    [
      'Intel with two packages is that of the hotter one',
      {
        ...disk,
        ...acpi,
        'hwmon/hwmon1/temp1_label': 'Package id 0',
        'hwmon/hwmon1/temp1_input': '45000',
        'hwmon/hwmon1/temp2_label': 'Core 0',
        'hwmon/hwmon1/temp2_input': '47000',
        'hwmon/hwmon2/temp1_label': 'Package id 1',
        'hwmon/hwmon2/temp1_input': '52000',
      },
      52,
    ],
    [
      'AMD is that of the die',
      {
        ...disk,
        'hwmon/hwmon1/temp1_label': 'Tctl',
        'hwmon/hwmon1/temp1_input': '77250',
        'hwmon/hwmon1/temp2_label': 'Tdie',
        'hwmon/hwmon1/temp2_input': '50250',
      },
      50.25,
    ],
    [
      'a Raspberry Pi is that of its zone',
      { 'thermal/thermal_zone0/type': 'cpu-thermal', 'thermal/thermal_zone0/temp': '48312' },
      48.312,
    ],
    ['a machine with other sensors only is not known', { ...disk, ...acpi }, undefined],
    [
      'a sensor that is not connected is not known',
      { 'thermal/thermal_zone0/type': 'cpu-thermal', 'thermal/thermal_zone0/temp': '0' },
      undefined,
    ],
    ['a virtual machine without sensors is not known', {}, undefined],
  ])('of %s', async (_machine, files, celsius) => {
    expect(await readTemperature('linux', sysOf(files))).toBe(celsius)
  })
})
