import { statfs } from 'node:fs/promises'
import { connect as connectTls } from 'node:tls'
import type { Logger } from '@ioc/runtime/logger.ts'
import { type ExpiringCredential, expiringCredentials } from './expiring-credentials.ts'

/** What the watch found of the machine of the centre, and of what people and agents reach it by. */
export interface CentreChecks {
  /** Of the file system with the data folder; undefined: not known yet. */
  readonly disk: Disk | undefined
  /** When the certificate of an endpoint (`host:port`) expires, in ms since 1970. */
  readonly certificates: ReadonlyMap<string, number>
  /** Of nodes and of programs, those that expire. */
  readonly credentials: readonly ExpiringCredential[]
}

export interface Disk {
  readonly freeBytes: number
  readonly totalBytes: number
}

export interface CentreChecker {
  readonly found: CentreChecks
  start(): void
  stop(): void
}

/** How often the disk, credentials and certificates are looked at, in ms. */
const diskMs = 60_000
const credentialsMs = 60_000
const certificatesMs = 6 * 3_600_000
/** How long an endpoint may take to show its certificate, in ms. */
const maxHandshakeMs = 10_000

/** Looks at the disk of the data folder, at credentials and at certificates from time to time. */
export function createCentreChecker(
  dataDir: string,
  endpoints: readonly string[],
  logger: Pick<Logger, 'warn'>,
): CentreChecker {
  const certificates = new Map<string, number>()
  let disk: Disk | undefined
  let credentials: readonly ExpiringCredential[] = []
  const timers: NodeJS.Timeout[] = []

  async function lookAtDisk(): Promise<void> {
    try {
      disk = await diskOf(dataDir)
    } catch (error) {
      logger.warn({ err: error }, 'the free space of the disk is not known')
    }
  }

  function lookAtCredentials(): void {
    try {
      credentials = expiringCredentials(dataDir)
    } catch (error) {
      logger.warn({ err: error }, 'the credentials cannot be read')
    }
  }

  /** One that cannot be reached keeps what was known of it: that it is away is no matter of its certificate. */
  async function lookAtCertificates(): Promise<void> {
    for (const endpoint of endpoints) {
      try {
        certificates.set(endpoint, await expiryOf(endpoint))
      } catch (error) {
        logger.warn({ err: error, endpoint }, 'the certificate cannot be read')
      }
    }
  }

  return {
    get found() {
      return { disk, certificates, credentials }
    },
    start() {
      void lookAtDisk()
      lookAtCredentials()
      void lookAtCertificates()
      timers.push(
        setInterval(lookAtDisk, diskMs),
        setInterval(lookAtCredentials, credentialsMs),
        setInterval(lookAtCertificates, certificatesMs),
      )
    },
    stop() {
      for (const timer of timers) clearInterval(timer)
    },
  }
}

/** As `df` counts: what only the administrator may use is not free. */
export async function diskOf(folder: string): Promise<Disk> {
  const { bavail, bfree, blocks, bsize } = await statfs(folder)
  return { freeBytes: bavail * bsize, totalBytes: (blocks - bfree + bavail) * bsize }
}

/**
 * When the certificate of an endpoint expires, in ms since 1970. An authority that is not known, or another name, is of no
 * concern here.
 * @throws Error where there is no certificate in time
 */
export function expiryOf(endpoint: string): Promise<number> {
  const { hostname: host, port } = new URL(`https://${endpoint}`)
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      ...{ host: host.replace(/^\[|\]$/g, ''), port: Number(port || defaultPort) },
      ...(/^[\d.:[\]]+$/.test(host) ? {} : { servername: host }),
      rejectUnauthorized: false,
      timeout: maxHandshakeMs,
    })
    const fail = (error: Error) => {
      socket.destroy()
      reject(error)
    }
    socket.once('error', fail)
    socket.once('timeout', () => fail(new Error('no answer in time')))
    socket.once('secureConnect', () => {
      const expires = Date.parse(socket.getPeerCertificate().valid_to)
      if (Number.isNaN(expires)) fail(new Error('no certificate'))
      else {
        socket.destroy()
        resolve(expires)
      }
    })
  })
}

const defaultPort = 443

/** The endpoints of a setting, and that of an address with https. */
export function endpointsOf(list: string, wallUrl: string): readonly string[] {
  const named = list.split(',').flatMap((one) => one.trim() || [])
  const url = wallUrl.startsWith('https://') ? new URL(wallUrl) : undefined
  const ofWall = url ? [`${url.hostname}:${url.port || defaultPort}`] : []
  return [...new Set([...ofWall, ...named])]
}
