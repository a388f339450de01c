import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'

const openssl = '/usr/bin/openssl'

/** Whether certificates can be made. With IOC_REQUIRE_REAL=1 the absence of openssl is a failure. */
export const hasOpenssl = (): boolean => hasProgram(openssl, 'openssl')

export interface Certificate {
  readonly key: Buffer
  readonly cert: Buffer
  /** The certificate as a file of PEM. */
  readonly file: string
}

/** A certificate for 127.0.0.1 that is its own authority, valid for so many days. */
export function makeCertificate(days: number): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-certificate-'))
  const [key, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const subject = ['-subj', '/CN=ioc.example.vn', '-addext', 'subjectAltName=IP:127.0.0.1']
  const files = ['-keyout', key, '-out', file]
  execFileSync(openssl, ['req', '-x509', ...curve, ...files, '-days', String(days), ...subject], { stdio: 'ignore' })
  return { key: readFileSync(key), cert: readFileSync(file), file }
}
