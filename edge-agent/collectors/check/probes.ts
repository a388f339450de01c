import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { CheckOptions } from './kind.ts'

type Target = CheckOptions['targets'][number]

/** What one check measured. A target that is down is a measurement too. */
export interface Probe {
  readonly up: boolean
  readonly latency_ms?: number
  readonly loss_percent?: number
  /** Status code of HTTP. */
  readonly status?: number
  /** Days until the certificate expires; negative once it has. */
  readonly valid_days?: number
}

const dayMs = 86_400_000
/** The largest page that is searched for a text, in bytes. */
const maxPageBytes = 1_048_576

/** @throws Error where the check itself cannot be made, as without the program `ping` */
export async function probe(target: Target, signal: AbortSignal): Promise<Probe> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(target.response_ms)])
  switch (target.check) {
    case 'ping':
      return ping(target, signal)
    case 'tcp':
      return orDown(signal, () => tcp(target, limit))
    case 'http':
      return orDown(signal, () => http(target, limit))
    case 'tls-certificate':
      return orDown(signal, () => certificate(target, limit))
    default:
      return target.check satisfies never
  }
}

/** A refused or missing answer means that the target is down; the end of the run does not. */
async function orDown(signal: AbortSignal, check: () => Promise<Probe>): Promise<Probe> {
  try {
    return await check()
  } catch (error) {
    if (signal.aborted) throw error
    return { up: false }
  }
}

async function tcp({ host, port = 0 }: Target, signal: AbortSignal): Promise<Probe> {
  const start = performance.now()
  const socket = connect({ host: host ?? '', port })
  try {
    await once(socket, 'connect', { signal })
    return { up: true, latency_ms: performance.now() - start }
  } finally {
    socket.destroy()
  }
}

async function http({ url = '', contains }: Target, signal: AbortSignal): Promise<Probe> {
  const start = performance.now()
  const response = await fetch(url, { signal, headers: { 'user-agent': 'ioc-agent' } })
  const latency_ms = performance.now() - start
  const { status } = response
  const isFound = contains === undefined || (await pageOf(response)).includes(contains)
  if (!response.bodyUsed) await response.body?.cancel()
  return { up: response.ok && isFound, status, latency_ms }
}

async function pageOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    if (bytes > maxPageBytes) break
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}

/** An expired or foreign certificate is read too: that is what the check is for. Whether it is trusted is `up`. */
async function certificate({ host = '', port = 443 }: Target, signal: AbortSignal): Promise<Probe> {
  const socket = connectTls({ host, port, rejectUnauthorized: false, ...(isIP(host) ? {} : { servername: host }) })
  try {
    await once(socket, 'secureConnect', { signal })
    const { valid_to: until } = socket.getPeerCertificate()
    return { up: socket.authorized, valid_days: (Date.parse(until) - Date.now()) / dayMs }
  } finally {
    socket.destroy()
  }
}

/** With the program of the system: a socket of ICMP needs rights that the agent shall not have. */
async function ping({ host = '', packets, response_ms }: Target, signal: AbortSignal): Promise<Probe> {
  const isWindows = process.platform === 'win32'
  const seconds = String(Math.max(1, Math.ceil(response_ms / 1000)))
  const args = isWindows
    ? ['-n', String(packets), '-w', String(response_ms), host]
    : ['-n', '-q', '-i', '0.2', '-c', String(packets), '-W', seconds, host]
  const text = await new Promise<string>((resolve, reject) => {
    execFile('ping', args, { signal, env: { ...process.env, LC_ALL: 'C' } }, (error, stdout) => {
      const isMissing = (error as NodeJS.ErrnoException | null)?.code === 'ENOENT'
      // Exit code 1: no answer; 2: an unknown host.
      if (error && (isMissing || signal.aborted)) reject(error)
      else resolve(stdout)
    })
  })
  return parsePing(text)
}

/** Parses what iputils, BusyBox or Windows print. */
export function parsePing(text: string): Probe {
  const loss = Number(/(\d+(?:\.\d+)?)% (?:packet )?loss/.exec(text)?.[1] ?? 100)
  const average = /= [\d.]+\/([\d.]+)\//.exec(text)?.[1] ?? /Average = (\d+)ms/.exec(text)?.[1]
  return {
    up: loss < 100,
    loss_percent: loss,
    ...(loss < 100 && average !== undefined ? { latency_ms: Number(average) } : {}),
  }
}
