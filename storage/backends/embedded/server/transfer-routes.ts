import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { isIocError } from '@ioc/contract/errors.ts'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { writeBackup } from '../backup.ts'
import { type ExportFormat, exportPoints } from '../export.ts'
import { firstLine } from '../file.ts'
import type { Store } from '../store.ts'
import { fail, parameter } from './write-routes.ts'

const types: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
}

type Query = Readonly<Record<string, unknown>>

/** Writes a file to the path. */
type Make = (connection: DuckDBConnection, path: string) => Promise<void>

/** Ways that hand out files: `GET /export` of a measurement, `POST /backup` of everything. */
export function addTransferRoutes(server: FastifyInstance, store: Store, database: string): void {
  let busy = false

  /** Makes a file and hands it out, one at a time: each takes room on the disk, and reads much. */
  const transfer = async (reply: FastifyReply, type: string, make: Make) => {
    if (busy) {
      reply.header('Retry-After', '5')
      return fail(reply, 1, 503, 'another export or backup is in progress: try again later')
    }
    busy = true
    // The client hears nothing while the file is made, however long that takes.
    reply.raw.socket?.setTimeout(0)
    try {
      const path = await makeFile(store, reply, make)
      // From here on it must read on, or it would keep the file's room on the disk for ever.
      reply.raw.socket?.setTimeout(server.server.timeout)
      return await sendFile(reply, path, type)
    } catch (error) {
      if (isIocError(error)) throw error
      return fail(reply, 1, 500, firstLine(error))
    } finally {
      busy = false
    }
  }

  server.get('/export', (request, reply) => {
    const query = request.query as Query
    if (parameter(query, 'db') !== database)
      return fail(reply, 1, 404, `database not found: "${parameter(query, 'db')}"`)
    const name = parameter(query, 'measurement')
    const measurement = store.catalog.measurements.get(name)
    if (!measurement?.committed) return fail(reply, 1, 400, `measurement not found: "${name}"`)
    const format = parameter(query, 'format')
    if (format !== 'csv' && format !== 'parquet') return fail(reply, 1, 400, 'format must be csv or parquet')
    const [from, to] = [parameter(query, 'from'), parameter(query, 'to')].map(nanoseconds)
    if (from === null || to === null) return fail(reply, 1, 400, 'from and to must be nanoseconds since 1970')
    return transfer(reply, types[format], (connection, path) =>
      exportPoints(connection, path, { measurement, format, from, to }),
    )
  })

  server.post('/backup', (_request, reply) =>
    transfer(reply, 'application/octet-stream', (connection, path) => writeBackup(connection, path, new Date())),
  )
}

/** `undefined` where nothing is asked for, `null` for what is no time. */
function nanoseconds(text: string): bigint | undefined | null {
  if (text === '') return undefined
  return /^-?\d{1,19}$/.test(text) ? BigInt(text) : null
}

/** Makes a file in the store's `out` folder, unless the client goes away, and resolves to its path. */
function makeFile(store: Store, reply: FastifyReply, make: Make): Promise<string> {
  return store.copy(async ({ outFolder }, connection) => {
    const path = join(outFolder, randomUUID())
    const abandon = () => connection.interrupt()
    reply.raw.once('close', abandon)
    try {
      await make(connection, path)
      return path
    } catch (error) {
      await rm(path, { force: true })
      throw error
    } finally {
      reply.raw.off('close', abandon)
    }
  })
}

/** Sends a file and its sum. Its name goes at once, so that no crash leaves it behind. */
async function sendFile(reply: FastifyReply, path: string, type: string): Promise<FastifyReply> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path)) hash.update(piece)
  const file = await open(path)
  await rm(path)
  const { size } = await file.stat()
  reply.header('Content-Length', size).header('X-Ioc-Sha256', hash.digest('hex')).type(type)
  return reply.send(file.createReadStream())
}
