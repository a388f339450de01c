import { once } from 'node:events'
import { connect } from 'node:net'
import modbusSerial from 'modbus-serial'
import type { ModbusOptions } from './kind.ts'
import type { Area } from './registers.ts'

const { default: ModbusRTU } = modbusSerial as unknown as { default: typeof import('modbus-serial').default }

/** Longest time to open a connection, in ms. */
const maxConnectMs = 5_000

/** The Modbus exception "illegal data address". */
export const illegalAddress = 2

/** A slave answered with a Modbus exception: the connection is good. */
export class ModbusException extends Error {
  readonly exception: number
  constructor(exception: number, message: string) {
    super(message)
    this.exception = exception
  }
}

/** A slave did not answer. */
export class NoResponse extends Error {}

/** One connection to a bus. After any error but a Modbus exception or a missing answer it must be closed and opened again. */
export interface Bus {
  readonly isOpen: boolean
  /** Bytes of registers, big-endian as on the wire, or one byte for each bit. */
  read(slave: number, area: Area, address: number, length: number): Promise<Buffer>
  close(): void
}

/**
 * Opens a connection. Always a new object of the library: one of its own that is opened again after an error stays "not
 * open" until the process restarts (node-modbus-serial#461).
 */
export async function openBus(options: ModbusOptions, signal: AbortSignal): Promise<Bus> {
  const client = new ModbusRTU()
  // An error that no request waits for; requests reject with their own.
  client.on('error', () => undefined)
  client.setTimeout(options.response_ms)
  const close = await (options.serial === undefined ? openTcp(client, options, signal) : openSerial(client, options))
  return {
    get isOpen() {
      return client.isOpen
    },
    async read(slave, area, address, length) {
      client.setID(slave)
      try {
        switch (area) {
          case 'holding':
            return (await client.readHoldingRegisters(address, length)).buffer
          case 'input':
            return (await client.readInputRegisters(address, length)).buffer
          case 'coil':
            return Buffer.from((await client.readCoils(address, length)).data.map(Number))
          case 'discrete':
            return Buffer.from((await client.readDiscreteInputs(address, length)).data.map(Number))
          default:
            return area satisfies never
        }
      } catch (error) {
        throw classified(error)
      }
    },
    close,
  }
}

function classified(error: unknown): Error {
  const { modbusCode, errno, message } = error as { modbusCode?: number; errno?: unknown; message: string }
  if (modbusCode !== undefined) return new ModbusException(modbusCode, message)
  if (errno === 'ETIMEDOUT') return new NoResponse('no response')
  return error instanceof Error ? error : new Error(message)
}

type Client = InstanceType<typeof ModbusRTU>

async function openTcp(client: Client, { host = '', port, framing }: ModbusOptions, signal: AbortSignal) {
  const socket = connect({ host, port, noDelay: true })
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, AbortSignal.timeout(maxConnectMs)]) })
    // What the library calls Telnet are the frames of RTU, without the header of Modbus TCP.
    await (framing === 'tcp' ? client.linkTCP(socket, { port }) : client.linkTelnet(socket, {}))
  } catch (error) {
    socket.destroy()
    throw error
  }
  return () => {
    socket.destroy()
  }
}

async function openSerial(client: Client, { serial = '', baud, parity, stop_bits }: ModbusOptions) {
  await client.connectRTUBuffered(serial, { baudRate: baud, parity, stopBits: stop_bits === 2 ? 2 : 1, dataBits: 8 })
  return () => client.close(() => undefined)
}
