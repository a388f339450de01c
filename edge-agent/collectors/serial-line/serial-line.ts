import { stat } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import { SerialPort } from 'serialport'
import { problemTexts } from '../../mapping/collected.ts'
import { lineReader } from '../../mapping/lines.ts'
import { Mapping, type Row } from '../../mapping/mapping.ts'
import type { Collected, Collector } from '../collector.ts'
import type { SerialLineOptions } from './kind.ts'

/** Characters of a line, at most: a line at a wrong speed never ends. */
const maxLine = 4_096
/** Lines between two runs, at most; the oldest are dropped, and reported. */
const maxBuffered = 10_000

/** Reads lines that a device sends by itself. A device that was unplugged is opened again at the next run. */
export function createSerialLineCollector({
  path,
  baud,
  data_bits,
  parity,
  stop_bits,
  map,
  ...format
}: SerialLineOptions): Collector {
  const mapping = new Mapping(map)
  const read = lineReader(format)
  let port: SerialPort | undefined
  /** The device that the port is of. */
  let openedAs: string | undefined
  let lines: { readonly text: string; readonly at: number }[] = []
  let dropped = 0

  async function open(): Promise<SerialPort> {
    const opened = new SerialPort({
      path,
      baudRate: baud,
      dataBits: data_bits as 5 | 6 | 7 | 8,
      parity,
      stopBits: stop_bits as 1 | 2,
      autoOpen: false,
    })
    opened.on('error', () => undefined)
    opened.on('close', () => {
      if (port === opened) port = undefined
    })
    const decoder = new StringDecoder('utf8')
    let rest = ''
    // The first line may be one that began before.
    let isWhole = false
    opened.on('data', (bytes: Buffer) => {
      const parts = (rest + decoder.write(bytes)).split(/\r\n|\n|\r/)
      rest = (parts.pop() ?? '').slice(-maxLine)
      for (const text of isWhole ? parts : parts.slice(1)) {
        if (text.trim() !== '') lines.push({ text: text.slice(0, maxLine), at: Date.now() })
      }
      isWhole ||= parts.length > 0
      if (lines.length > maxBuffered) {
        dropped += lines.length - maxBuffered
        lines = lines.slice(-maxBuffered)
      }
    })
    await new Promise<void>((resolve, reject) => opened.open((error) => (error ? reject(error) : resolve())))
    return opened
  }

  async function close(): Promise<void> {
    const open = port
    port = undefined
    if (open?.isOpen) await new Promise<void>((resolve) => open.close(() => resolve()))
  }

  return {
    devices: () => mapping.devices(),
    async collect(): Promise<Collected> {
      // Not every driver reports that its device is gone: the path is missing then, or leads to another one.
      if (port && (!port.isOpen || (await deviceAt(path)) !== openedAs)) await close()
      // What an unplugged device sent before is not lost.
      if (!port && lines.length === 0) {
        openedAs = await deviceAt(path)
        port = await open()
      }
      const received = lines.splice(0)
      const problems = dropped === 0 ? [] : [`${dropped} lines were dropped: more than ${maxBuffered} between two runs`]
      dropped = 0
      const results = received.map(({ text, at }) => {
        try {
          const row: Row | undefined = read(text, JSON.stringify(text))
          return row ? mapping.map([row], { ts: at, decimal: '.' }) : undefined
        } catch {
          problems.push(`not JSON: ${JSON.stringify(text)}`)
          return undefined
        }
      })
      const mapped = results.filter((result) => result !== undefined)
      return {
        measurements: mapped.flatMap((result) => result.measurements),
        cases: mapped.flatMap((result) => result.cases),
        problems: [...problems, ...mapped.flatMap((result) => problemTexts(result))],
      }
    },
    stop: close,
  }
}

/** Names the device that a path leads to; undefined where it leads to none, as on Windows. */
async function deviceAt(path: string): Promise<string | undefined> {
  try {
    const { dev, ino, rdev } = await stat(path)
    return `${dev} ${ino} ${rdev}`
  } catch {
    return undefined
  }
}
