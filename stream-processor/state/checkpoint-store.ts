import { IocError } from '@ioc/contract/errors.ts'
import { open } from 'lmdb'
import type { DeviceState, NodeState } from '../engine/devices.ts'
import type { NodeLedger } from '../engine/ledger.ts'

/** What changed since the last checkpoint; saved as one transaction with the log offset that it belongs to. */
export interface Changes {
  readonly offset: number
  readonly ledgers: readonly NodeLedger[]
  readonly nodes: readonly NodeState[]
  readonly devices: readonly DeviceState[]
  readonly born: readonly (readonly [key: string, type: string])[]
  /** One pane of one series: the slot it is kept in, and its doubles. */
  readonly panes: readonly { readonly series: string; readonly slot: number; readonly doubles: Float64Array }[]
}

export interface Saved extends Changes {}

export interface CheckpointStore {
  /** Everything that was saved; `undefined` before the first checkpoint. @throws IocError CHECKPOINT_INVALID */
  load(): Saved | undefined
  /** Resolves when it is on disk. */
  save(changes: Changes): Promise<void>
  stop(): Promise<void>
}

/** Raised when what is saved changes its shape; an older state is then computed anew from the log. */
const version = 1

type Key = ['meta'] | ['ledger' | 'node' | 'device' | 'born', string] | ['pane', string, number]

/** Opens the state of one partition in a folder. */
export function openCheckpointStore(path: string): CheckpointStore {
  const db = open<unknown, Key>({ path, encoding: 'msgpack', overlappingSync: false })

  const all = <T>(kind: 'ledger' | 'node' | 'device'): T[] =>
    [...db.getRange({ start: [kind, ''], end: [kind, '\uffff'] })].map(({ value }) => value as T)

  return {
    load() {
      const meta = db.get(['meta']) as { version: number; offset: number } | undefined
      if (!meta) return undefined
      if (meta.version !== version) {
        throw new IocError(
          'CHECKPOINT_INVALID',
          `the saved state is of version ${meta.version}, this is version ${version}`,
        )
      }
      const born = [...db.getRange({ start: ['born', ''], end: ['born', '\uffff'] })]
      const panes = [...db.getRange({ start: ['pane', '', 0], end: ['pane', '\uffff', 0] })]
      return {
        offset: meta.offset,
        ledgers: all<NodeLedger>('ledger'),
        nodes: all<NodeState>('node'),
        devices: all<DeviceState>('device'),
        born: born.map(({ key, value }) => [key[1] as string, value as string] as const),
        panes: panes.map(({ key, value }) => ({
          series: key[1] as string,
          slot: key[2] as number,
          doubles: toDoubles(value as Uint8Array),
        })),
      }
    },
    async save({ offset, ledgers, nodes, devices, born, panes }) {
      await db.transaction(() => {
        for (const ledger of ledgers) db.put(['ledger', `${ledger.site}/${ledger.node}`], ledger)
        for (const node of nodes) db.put(['node', `${node.site}/${node.node}`], node)
        for (const device of devices) db.put(['device', `${device.site}/${device.device}/${device.type}`], device)
        for (const [key, type] of born) db.put(['born', key], type)
        for (const { series, slot, doubles } of panes) db.put(['pane', series, slot], new Uint8Array(doubles.buffer))
        db.put(['meta'], { version, offset })
      })
    },
    stop: () => db.close(),
  }
}

/** A copy, because the saved bytes need not be aligned. */
function toDoubles(bytes: Uint8Array): Float64Array {
  return new Float64Array(bytes.slice().buffer)
}
