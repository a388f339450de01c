import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import {
  type AgentRelease,
  compareVersions,
  defaultRollout,
  packedFile,
  type ReleaseFile,
  releaseFile,
  type SignedRelease,
} from '@ioc/contract/messages/agent-release.ts'
import { keyId } from '@ioc/edge-agent/update/release.ts'

/** Signed releases: what agents update to. The bundle that is installed by hand is another form of the same files. */

/** Versions whose releases are kept, the newest; beyond, a node of an older version installs the bundle again. */
const maxVersions = 4
const dayMs = 86_400_000
/** What of a bundle an update has: the rest is of the installation. */
const parts = ['node', 'node.exe', 'lib', 'LICENSES.txt', 'release-key.pem']
const programs = ['node', 'node.exe']

export interface ReleaseFacts {
  readonly version: string
  readonly platform: string
  readonly minimumFrom: string
  readonly expiresDays: number
}

/** Writes the release of a bundle's folder, with its packed files, into the folder that the wall serves. */
export function writeRelease(
  folder: string,
  facts: ReleaseFacts,
  key: KeyObject,
  out: string,
  level: number,
): AgentRelease {
  mkdirSync(join(out, 'files'), { recursive: true })
  const packed = packedBefore(out)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const path = relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')
      if (!entry.isFile()) throw new Error(`${path} is a link: a release has files only`)
      return path
    })
    .filter((path) => parts.includes(path.split('/', 1)[0] ?? ''))
    .sort()
    .map((path): ReleaseFile => {
      const bytes = readFileSync(join(folder, path))
      const sha256 = digest(bytes)
      const { packed_size, packed_sha256 } = packed.get(sha256) ?? packFile(bytes, out, level)
      const isProgram = programs.includes(path)
      return {
        path,
        size: bytes.length,
        sha256,
        packed_size,
        packed_sha256,
        ...(isProgram ? { executable: true } : {}),
      }
    })
  const { version, platform, minimumFrom, expiresDays } = facts
  const release: AgentRelease = {
    ...{ schema: 1, version, platform, minimum_from: minimumFrom, rollback: false },
    ...signedNow(expiresDays),
    rollout: defaultRollout,
    files,
  }
  writeSigned(release, key, out)
  return release
}

function signedNow(expiresDays: number): Pick<AgentRelease, 'signed' | 'expires'> {
  const signed = Date.now()
  return { signed, expires: signed + expiresDays * dayMs }
}

/** Signs a release that is there once more, so that it may replace a newer version. */
export function signRollback(version: string, expiresDays: number, key: KeyObject, out: string): string[] {
  const found = readReleases(out).filter((release) => release.version === version)
  for (const release of found) {
    writeSigned({ ...release, rollback: true, ...signedNow(expiresDays) }, key, out)
  }
  return found.map(({ platform }) => releaseFile(version, platform))
}

/** Removes releases of old versions, and files that belong to none. */
export function pruneReleases(out: string): void {
  const releases = readReleases(out)
  const versions = [...new Set(releases.map(({ version }) => version))].sort(compareVersions)
  const old = versions.slice(0, -maxVersions)
  const isOld = ({ version }: AgentRelease): boolean => old.includes(version)
  for (const { version, platform } of releases.filter(isOld)) rmSync(join(out, releaseFile(version, platform)))
  const kept = releases.filter((release) => !isOld(release))
  const used = new Set(kept.flatMap(({ files }) => files.map((file) => packedFile(file.packed_sha256))))
  for (const name of existsSync(join(out, 'files')) ? readdirSync(join(out, 'files')) : []) {
    if (!used.has(`files/${name}`)) rmSync(join(out, 'files', name))
  }
}

/** Signs a release, and writes it so that the wall serves the old or the new one. */
export function writeSigned(release: AgentRelease, key: KeyObject, out: string): void {
  const text = JSON.stringify(release)
  const signature = sign(null, Buffer.from(text), key).toString('base64')
  const signed: SignedRelease = {
    release: text,
    signatures: [{ key: keyId(createPublicKey(key)), signature }],
  }
  replace(join(out, releaseFile(release.version, release.platform)), `${JSON.stringify(signed, null, 2)}\n`)
}

function readReleases(out: string): AgentRelease[] {
  return readdirSync(out)
    .filter((name) => name.endsWith('.release.json'))
    .map((name) => JSON.parse((JSON.parse(readFileSync(join(out, name), 'utf8')) as SignedRelease).release))
}

/** Files that are packed already, by the digest of their content: Node is the same in most releases. */
function packedBefore(out: string): Map<string, ReleaseFile> {
  const files = readReleases(out).flatMap((release) => release.files)
  return new Map(
    files
      .filter(({ packed_sha256 }) => existsSync(join(out, packedFile(packed_sha256))))
      .map((file) => [file.sha256, file]),
  )
}

function packFile(bytes: Buffer, out: string, level: number): Pick<ReleaseFile, 'packed_size' | 'packed_sha256'> {
  const packed = gzipSync(bytes, { level })
  const packed_sha256 = digest(packed)
  replace(join(out, packedFile(packed_sha256)), packed)
  return { packed_size: packed.length, packed_sha256 }
}

function replace(path: string, content: string | Buffer): void {
  writeFileSync(`${path}.new`, content)
  renameSync(`${path}.new`, path)
}

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
