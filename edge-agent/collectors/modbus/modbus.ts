import { setTimeout as sleep } from 'node:timers/promises'
import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { birthOf } from '../../mapping/birth.ts'
import { converter } from '../../mapping/value.ts'
import type { Collected, Collector } from '../collector.ts'
import { type Bus, illegalAddress, ModbusException, NoResponse, openBus } from './bus.ts'
import type { ModbusOptions } from './kind.ts'
import { type Block, planBlocks, splitBlock, type Wanted } from './plan.ts'
import { type ByteOrder, decode, isBits, sizeOf } from './registers.ts'

/** Missing answers in a row after which a slave is asked less often. */
const maxSilent = 3
/** How long a silent slave is not asked, in ms: doubled each time, within these bounds. */
const backoffMs = { min: 5_000, max: 300_000 } as const

interface Metric extends Wanted {
  readonly name: string
  readonly order: ByteOrder
  readonly bit: number | undefined
  readonly convert: ReturnType<typeof converter>
}

/** One device, what is read of it, and how it answers. */
class Slave {
  readonly options: ModbusOptions['devices'][number]
  /** Changes when the device refuses an address. */
  blocks: Block<Metric>[]
  #silent = 0
  /** When it is asked again, in ms, monotonic. */
  #retryAt = 0

  constructor(options: ModbusOptions['devices'][number]) {
    this.options = options
    const metrics = options.type === undefined ? undefined : findDeviceType(options.type)?.metrics
    this.blocks = planBlocks(
      Object.entries(options.registers).map(([name, { address, area, format, order, bit, ...rule }]) => ({
        name,
        address,
        area,
        format,
        order,
        bit,
        convert: converter(rule, metrics?.[name]?.kind ?? (rule.enum ? undefined : 'number'), metrics?.[name]?.unit),
      })),
    )
  }

  get label(): string {
    return `${this.options.device} (slave ${this.options.slave})`
  }

  /** Ms until it is asked again. */
  get waitMs(): number {
    return Math.max(0, this.#retryAt - performance.now())
  }

  answered(): void {
    this.#silent = 0
  }

  missed(): void {
    this.#silent += 1
    if (this.#silent < maxSilent) return
    const wait = Math.min(backoffMs.min * 2 ** (this.#silent - maxSilent), backoffMs.max)
    this.#retryAt = performance.now() + wait
  }
}

/** What one run read, and what it could not. */
interface Run {
  readonly bus: Bus
  readonly signal: AbortSignal
  readonly problems: string[]
  answers: number
  silences: number
}

/** Reads the registers of devices on one bus, one request at a time. */
export function createModbusCollector(options: ModbusOptions): Collector {
  const slaves = options.devices.map((device) => new Slave(device))
  let bus: Bus | undefined

  const close = (): void => {
    bus?.close()
    bus = undefined
  }

  /** Splits a block at an illegal address, and remembers it: the next run asks for the parts at once. */
  async function readBlock(slave: Slave, block: Block<Metric>, run: Run): Promise<Map<Metric, Buffer>> {
    run.signal.throwIfAborted()
    try {
      const bytes = await run.bus.read(slave.options.slave, block.area, block.address, block.length)
      run.answers += 1
      return bytesOf(block, bytes)
    } catch (error) {
      if (!(error instanceof ModbusException)) throw error
      run.answers += 1
      const halves = error.exception === illegalAddress ? splitBlock(block) : undefined
      if (!halves) {
        const names = block.wanted.map(({ name }) => name).join(', ')
        run.problems.push(`${slave.label}: ${names}: ${error.message}`)
        return new Map()
      }
      slave.blocks = slave.blocks.flatMap((one) => (one === block ? halves : [one]))
      const read = new Map<Metric, Buffer>()
      for (const half of halves)
        for (const [metric, bytes] of await readBlock(slave, half, run)) read.set(metric, bytes)
      return read
    } finally {
      if (options.pause_ms > 0) await sleep(options.pause_ms)
    }
  }

  async function readSlave(slave: Slave, run: Run): Promise<MeasurementRecord | undefined> {
    if (slave.waitMs > 0) {
      run.problems.push(`${slave.label}: no response; asked again in ${Math.ceil(slave.waitMs / 1000)} s`)
      return undefined
    }
    const values: Record<string, string | number | boolean> = {}
    const ts = Date.now()
    try {
      for (const block of [...slave.blocks]) {
        for (const [metric, bytes] of await readBlock(slave, block, run)) {
          const converted = metric.convert(rawOf(metric, bytes), '.')
          if ('value' in converted) values[metric.name] = converted.value
          else run.problems.push(`${slave.label}: ${metric.name}: ${converted.reason.en}`)
        }
      }
      slave.answered()
    } catch (error) {
      if (!(error instanceof NoResponse)) throw error
      run.silences += 1
      slave.missed()
      run.problems.push(`${slave.label}: no response within ${options.response_ms} ms`)
    }
    const { device, type } = slave.options
    if (Object.keys(values).length === 0) return undefined
    return { device, ts, ...(type === undefined ? {} : { type }), values }
  }

  return {
    devices: () => options.devices.map(birthOf),
    async collect(signal): Promise<Collected> {
      if (bus && !bus.isOpen) close()
      bus ??= await openBus(options, signal)
      const run: Run = { bus, signal, problems: [], answers: 0, silences: 0 }
      const measurements: MeasurementRecord[] = []
      try {
        for (const slave of slaves) {
          const before = run.silences
          const record = await readSlave(slave, run)
          if (record) measurements.push(record)
          // A late answer on a line without transaction ids would be read as that to the next request.
          if (run.silences > before && (options.serial !== undefined || options.framing === 'rtu')) {
            await sleep(options.response_ms)
          }
        }
      } catch (error) {
        close()
        throw error
      }
      // Nobody answered: the connection may be a dead one.
      if (run.answers === 0 && run.silences > 0) close()
      const [problem] = run.problems
      if (measurements.length === 0 && problem !== undefined) throw new Error(problem)
      return { measurements, problems: run.problems }
    },
    stop: close,
  }
}

function bytesOf({ area, address, wanted }: Block<Metric>, bytes: Buffer): Map<Metric, Buffer> {
  const width = isBits(area) ? 1 : 2
  return new Map(
    wanted.map((metric) => {
      const from = (metric.address - address) * width
      return [metric, bytes.subarray(from, from + sizeOf(metric) * width)]
    }),
  )
}

function rawOf({ area, format, order, bit }: Metric, bytes: Buffer): number | bigint | boolean {
  if (isBits(area)) return bytes[0] === 1
  const value = decode(bytes, format, order)
  return bit === undefined ? value : ((Number(value) >> bit) & 1) === 1
}
