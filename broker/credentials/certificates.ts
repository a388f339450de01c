import { generateKeyPairSync, randomBytes, type webcrypto, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { tlsOptions } from '@ioc/contract/common-options.ts'
import type { Options } from '@ioc/contract/options.ts'
import { isLoopback } from '@ioc/runtime/listen.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { centreTlsName } from '@ioc/runtime/pinned-tls.ts'
import { readOrCreateSecret, writePrivateText } from '@ioc/runtime/private-file.ts'

export type TlsSettings = Options<typeof tlsOptions> & { readonly bind: string; readonly dataDir: string }

/** What a TLS server of the centre uses, in PEM. `cert` is followed by the authority's certificate. */
export interface ServerTls {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

export interface Certificates {
  readonly current: ServerTls
  /** Checks at intervals, and calls `onRenewed` with each new certificate. */
  watch(onRenewed: (tls: ServerTls) => void, logger: Logger): void
  stop(): void
}

const dayMs = 86_400_000
/** Lifetime of the authority: agents pin it, so that it outlives them. */
const authorityMs = 20 * 365 * dayMs
/** Lifetime of a server's certificate; browsers accept at most 825 days of a private authority. */
const certificateMs = 397 * dayMs
/** Remaining lifetime at which a certificate is renewed. */
const renewMs = 30 * dayMs
/** Certificates are valid from before their issue, for clients whose clock is behind. */
const backdateMs = 7 * dayMs

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

export function usesTls({ tls, bind }: Pick<TlsSettings, 'tls' | 'bind'>): boolean {
  return tls === 'on' || (tls === 'auto' && !isLoopback(bind))
}

/** The certificate authority in PEM; `undefined` without TLS, and before the first start with it. */
export function readAuthority(settings: TlsSettings): string | undefined {
  const path = authorityFile(settings.dataDir)
  return usesTls(settings) && existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

/** SHA-256 of the certificate authority in DER, as tokens name it. */
export function authorityDigest(settings: TlsSettings): string | undefined {
  const authority = readAuthority(settings)
  return authority === undefined ? undefined : digestOf(authority)
}

function digestOf(certificate: string): string {
  return new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase()
}

const authorityFile = (dataDir: string): string => join(dataDir, 'tls', 'ca.pem')

/**
 * The certificates of this centre: made at the first call, renewed when they expire soon or the machine has a new name or
 * address. The broker and the wall share them; the key of the server stays the same.
 * @throws IocError FOLDER_UNUSABLE
 */
export async function openCertificates(settings: TlsSettings): Promise<Certificates> {
  let current = await ensureCertificate(settings)
  let timer: NodeJS.Timeout | undefined
  return {
    get current() {
      return current
    },
    watch(onRenewed, logger) {
      timer = setInterval(() => {
        ensureCertificate(settings)
          .then((tls) => {
            if (tls.cert === current.cert) return
            current = tls
            logger.info({ expires: new X509Certificate(tls.cert).validTo }, 'TLS certificate renewed')
            onRenewed(tls)
          })
          .catch((err: Error) => logger.error({ err }, 'the TLS certificate could not be renewed'))
      }, settings.tlsCheckMs).unref()
    },
    stop: () => clearInterval(timer),
  }
}

/** The certificate on disk, or a new one. */
async function ensureCertificate(settings: TlsSettings): Promise<ServerTls> {
  const { dataDir } = settings
  const caFile = authorityFile(dataDir)
  const caKey = ensureKey(join(dataDir, 'tls', 'ca-key.pem'))
  const key = ensureKey(join(dataDir, 'tls', 'server-key.pem'))
  if (!existsSync(caFile)) writePrivateText(caFile, await issueAuthority(caKey), false)
  const ca = readFileSync(caFile, 'utf8')
  const certFile = join(dataDir, 'tls', 'server.pem')
  const names = namesOf(settings)
  if (!isCurrent(certFile, ca, names)) {
    writePrivateText(certFile, `${await issueServer(ca, caKey, key, names)}${ca}`)
  }
  return { ca, cert: readFileSync(certFile, 'utf8'), key }
}

function isCurrent(path: string, ca: string, names: readonly string[]): boolean {
  if (!existsSync(path)) return false
  const certificate = new X509Certificate(readFileSync(path))
  const listed = (certificate.subjectAltName ?? '').split(', ')
  const coversName = (name: string) =>
    isIP(name) ? certificate.checkIP(name) !== undefined : listed.includes(`DNS:${name}`)
  return (
    Date.parse(certificate.validTo) - Date.now() > renewMs &&
    certificate.verify(new X509Certificate(ca).publicKey) &&
    names.every(coversName)
  )
}

/** What clients may address the centre by: the name that agents verify, names and addresses of the machine, settings. */
function namesOf({ bind, tlsNames }: TlsSettings): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address))
  const configured = tlsNames.split(',').map((name) => name.trim().toLowerCase())
  const host = hostname().toLowerCase()
  const names = [centreTlsName, 'localhost', host, '127.0.0.1', '::1', ...addresses, bind, ...configured]
  const isName = (name: string) => isIP(name) !== 0 || /^(\*\.)?[a-z0-9][a-z0-9.-]*$/.test(name)
  // A link-local address has a zone, which no certificate can name.
  return [...new Set(names)].filter(
    (name) => isName(name) && !['0.0.0.0', '::'].includes(name) && !/^fe80:/i.test(name),
  )
}

/** A private key in PEM, made once. */
function ensureKey(path: string): string {
  return readOrCreateSecret(path, () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: algorithm.namedCurve })
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  })
}

/** Loaded only to issue: the library costs memory. */
async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

async function keysOf(pem: string): Promise<webcrypto.CryptoKeyPair> {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  const privateKey = await crypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign'])
  const { d: _, key_ops: __, ...jwk } = await crypto.subtle.exportKey('jwk', privateKey)
  return { privateKey, publicKey: await crypto.subtle.importKey('jwk', jwk, algorithm, true, ['verify']) }
}

async function issueAuthority(key: string): Promise<string> {
  const x509 = await loadX509()
  const keys = await keysOf(key)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=IOC ${hostname()} CA`,
    notBefore: new Date(Date.now() - backdateMs),
    notAfter: new Date(Date.now() + authorityMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return `${certificate.toString('pem')}\n`
}

async function issueServer(ca: string, caKey: string, key: string, names: readonly string[]): Promise<string> {
  const x509 = await loadX509()
  const authority = new x509.X509Certificate(ca)
  const { publicKey } = await keysOf(key)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${centreTlsName}`,
    issuer: authority.subject,
    notBefore: new Date(Date.now() - backdateMs),
    notAfter: new Date(Date.now() + certificateMs),
    signingAlgorithm: algorithm,
    publicKey,
    signingKey: (await keysOf(caKey)).privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority),
    ],
  })
  return `${certificate.toString('pem')}\n`
}

/** 127 random bits: a positive number. */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0] as number) & 0x7f
  return bytes.toString('hex')
}
