import { fields, type ValueOf } from '../../config/fields.ts'
import { collectorKind } from '../collector.ts'

/** A name of a service or a process never is an option of a command. */
const name = { kind: 'text', pattern: '^[A-Za-z0-9_@][A-Za-z0-9_.@:-]*$', maxLength: 120 } as const

const options = {
  kind: 'group',
  title: { vi: 'Tùy chọn', en: 'Options' },
  fields: fields({
    file_systems: { kind: 'flag', default: true, title: { vi: 'Từng ổ đĩa', en: 'Each disk' } },
    interfaces: { kind: 'flag', default: true, title: { vi: 'Từng cổng mạng', en: 'Each network interface' } },
    drives: {
      kind: 'flag',
      default: false,
      title: { vi: 'Tình trạng ổ cứng (SMART), cần smartctl', en: 'Health of drives (SMART), requires smartctl' },
    },
    services: {
      kind: 'list',
      optional: true,
      maxItems: 100,
      items: { ...name, title: { vi: 'Tên dịch vụ', en: 'Name of a service' } },
      title: { vi: 'Dịch vụ phải chạy', en: 'Services that must run' },
    },
    processes: {
      kind: 'list',
      optional: true,
      maxItems: 100,
      items: { ...name, title: { vi: 'Tên tiến trình', en: 'Name of a process' } },
      title: { vi: 'Tiến trình phải chạy', en: 'Processes that must run' },
    },
  }),
} as const

export const machineKind = collectorKind({
  type: 'machine',
  title: { vi: 'Ổ đĩa, cổng mạng và dịch vụ của máy', en: 'Disks, network interfaces and services of the machine' },
  cadenceS: 60,
  timeoutS: 30,
  isPeriodic: true,
  options,
  check({ file_systems, interfaces, drives, services, processes }, report) {
    const lists: Readonly<Record<string, readonly string[] | undefined>> = { services, processes }
    if (!file_systems && !interfaces && !drives && !services && !processes)
      report([], { vi: 'không có mục nào được đo', en: 'nothing is to be measured' })
    // Of both lists, as each name is one device.
    const seen = new Set<string>()
    for (const [field, names = []] of Object.entries(lists)) {
      for (const [index, one] of names.entries()) {
        const key = one.toLowerCase().replace(/[^a-z0-9]+/g, '-')
        if (seen.has(key)) report([field, index], { vi: 'trùng tên', en: 'this name is there twice' })
        seen.add(key)
      }
    }
  },
  load: async () => (await import('./machine.ts')).createMachineCollector,
})

export type MachineOptions = ValueOf<typeof options>
