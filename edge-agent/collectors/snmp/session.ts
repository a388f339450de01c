import snmp, {
  type AuthProtocols,
  type PrivProtocols,
  type Session,
  type SessionOptionsV3,
  type Varbind,
} from 'net-snmp'
import type { SnmpOptions } from './kind.ts'

/** Values of one request, at most: an answer has to fit a packet. */
const maxOids = 20
/** Rows of one answer, at most. */
const maxRepetitions = 20
/** Rows of a table, at most. */
export const maxRows = 5_000

export const sysUpTime = '1.3.6.1.2.1.1.3.0'

/** What an agent answers for one OID; a counter has its width. */
export interface Answer {
  readonly value: number | bigint | string
  readonly bits?: 32 | 64
}

/** One conversation with an agent. Its socket is closed in any case: some stay bound after an error (node-net-snmp#9). */
export async function withSession<T>(
  options: SnmpOptions,
  signal: AbortSignal,
  talk: (session: Session) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const session = openSession(options)
  const abort = (): void => {
    session.close()
  }
  let fail: (error: Error) => void = () => undefined
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  failed.catch(() => undefined)
  session.on('error', (error) => fail(error))
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([talk(session), failed])
  } finally {
    signal.removeEventListener('abort', abort)
    if (!signal.aborted) session.close()
  }
}

function openSession(options: SnmpOptions): Session {
  const { host, port, version, response_ms: timeout, retries, context = '' } = options
  const transport = host.includes(':') ? ('udp6' as const) : ('udp4' as const)
  if (version !== '3') {
    return snmp.createSession(host, options.community, {
      port,
      transport,
      timeout,
      retries,
      version: version === '1' ? snmp.Version1 : snmp.Version2c,
    })
  }
  const { user = '', auth, auth_password = '', privacy, privacy_password = '' } = options
  const level =
    auth === 'none'
      ? snmp.SecurityLevel.noAuthNoPriv
      : privacy === 'none'
        ? snmp.SecurityLevel.authNoPriv
        : snmp.SecurityLevel.authPriv
  const settings: SessionOptionsV3 = {
    port,
    transport,
    timeout,
    retries,
    version: snmp.Version3,
    context,
  } as SessionOptionsV3
  return snmp.createV3Session(
    host,
    {
      name: user,
      level,
      authProtocol: snmp.AuthProtocols[auth] as AuthProtocols,
      authKey: auth_password,
      privProtocol: snmp.PrivProtocols[privacy] as PrivProtocols,
      privKey: privacy_password,
    },
    settings,
  )
}

/** What an agent answers for each OID. What it does not have is absent. */
export async function getAll(session: Session, oids: readonly string[]): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>()
  for (let from = 0; from < oids.length; from += maxOids) {
    for (const varbind of await getSome(session, oids.slice(from, from + maxOids))) {
      const answer = answerOf(varbind)
      if (answer) answers.set(varbind.oid, answer)
    }
  }
  return answers
}

/** Of version 1, an answer is an error as a whole where one value is missing; of any, where it does not fit a packet. */
async function getSome(session: Session, oids: readonly string[]): Promise<Varbind[]> {
  try {
    return await new Promise((resolve, reject) => {
      session.get([...oids], (error, varbinds = []) => (error ? reject(error) : resolve(varbinds as Varbind[])))
    })
  } catch (error) {
    const { status } = error as { status?: number }
    if (status !== snmp.ErrorStatus.NoSuchName && status !== snmp.ErrorStatus.TooBig) throw error
    if (oids.length === 1) return []
    const middle = Math.ceil(oids.length / 2)
    return [...(await getSome(session, oids.slice(0, middle))), ...(await getSome(session, oids.slice(middle)))]
  }
}

/** A column of a table, by the index of its rows. An agent whose answers do not fit a packet is asked row by row. */
export async function getColumn(session: Session, entry: string, column: number): Promise<Map<string, Answer>> {
  const oid = `${entry}.${column}`
  try {
    return await walk(session, oid, maxRepetitions)
  } catch (error) {
    if ((error as { status?: number }).status !== snmp.ErrorStatus.TooBig) throw error
    return walk(session, oid, 1)
  }
}

async function walk(session: Session, oid: string, repetitions: number): Promise<Map<string, Answer>> {
  const rows = new Map<string, Answer>()
  await new Promise<void>((resolve, reject) => {
    session.subtree(
      oid,
      repetitions,
      (varbinds) => {
        for (const varbind of varbinds as Varbind[]) {
          const answer = answerOf(varbind)
          if (answer && rows.size < maxRows) rows.set(varbind.oid.slice(oid.length + 1), answer)
        }
        return rows.size >= maxRows
      },
      (error) => (error ? reject(error) : resolve()),
    )
  })
  return rows
}

/** Net-SNMP wraps floats, which SMI lacks, into an Opaque: tag, length, and the float of IEEE 754. */
const opaqueFloat = Buffer.from([0x9f, 0x78, 0x04])
const opaqueDouble = Buffer.from([0x9f, 0x79, 0x08])

function answerOf(varbind: Varbind): Answer | undefined {
  if (snmp.isVarbindError(varbind)) return undefined
  const { type, value } = varbind
  if (Buffer.isBuffer(value)) {
    if (type === snmp.ObjectType.Counter64) return { value: BigInt(`0x0${value.toString('hex')}`), bits: 64 }
    if (value.subarray(0, 3).equals(opaqueFloat)) return { value: value.readFloatBE(3) }
    if (value.subarray(0, 3).equals(opaqueDouble)) return { value: value.readDoubleBE(3) }
    return { value: value.toString('utf8') }
  }
  if (typeof value === 'number') return { value, ...(type === snmp.ObjectType.Counter32 ? { bits: 32 } : {}) }
  return typeof value === 'string' ? { value } : undefined
}
