import type { UpdateReport } from './node-report.ts'

/** A file of a release. */
export interface ReleaseFile {
  /** Below the folder of the version, with `/` between names. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  readonly sha256: string
  /** Of the file as the centre serves it, packed by gzip: `/agent/files/<packed_sha256>.gz`. */
  readonly packed_size: number
  readonly packed_sha256: string
  readonly executable?: true
}

/** How a release is to reach the nodes, unless the operator decides otherwise. */
export interface ReleaseRollout {
  /** Nodes of each ring, with those of the rings before: a number of nodes, or a share of all such as `5%`. */
  readonly rings: readonly string[]
  /** Hours between two rings, at least. */
  readonly hold_h: number
  /** Share of the nodes of a ring that may revert, in per cent: at this share the roll-out pauses. */
  readonly max_reverted_percent: number
}

/** Rings of one node, of a twentieth, of a quarter, and of all. */
export const defaultRollout: ReleaseRollout = { rings: ['1', '5%', '25%', '100%'], hold_h: 24, max_reverted_percent: 2 }

/** One version of the agent for one platform: what is signed. */
export interface AgentRelease {
  readonly schema: 1
  readonly version: string
  readonly platform: string
  /** Oldest version that may update to this one. */
  readonly minimum_from: string
  /** Whether it may replace a newer version. */
  readonly rollback: boolean
  /** When it was signed, in ms since 1970, UTC; absent in releases of earlier versions. */
  readonly signed?: number
  /** In ms since 1970, UTC: from then on no node takes it. */
  readonly expires: number
  readonly rollout: ReleaseRollout
  readonly files: readonly ReleaseFile[]
}

/** A release with its signatures. The release is text, so that what is verified is what was signed, byte for byte. */
export interface SignedRelease {
  readonly release: string
  readonly signatures: readonly {
    /** Identifier of the key: the first digits of the SHA-256 of its SPKI form. */
    readonly key: string
    /** Ed25519, of the text in UTF-8, in base64. */
    readonly signature: string
  }[]
}

/** Versions are three numbers: they have an order, and are safe as names of folders. */
export const versionPattern = '^(0|[1-9]\\d{0,5})\\.(0|[1-9]\\d{0,5})\\.(0|[1-9]\\d{0,5})$'

/** Negative where version `a` is older than `b`, positive where it is newer. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number))
  return left?.map((part, at) => part - (right?.[at] ?? 0)).find((difference) => difference !== 0) ?? 0
}

/** File below `/agent/` that has the signed release of a version for a platform. */
export const releaseFile = (version: string, platform: string): string =>
  `ioc-agent-${version}-${platform}.release.json`

/** Folder below `/agent/` of packed files, named by what they contain. */
export const packedFile = (sha256: string): string => `files/${sha256}.gz`

/** `reverted: 0.2.0 (no PUBACK)`, `done: 0.2.0`. */
export function updateText({ state, version, reason }: Pick<UpdateReport, 'state' | 'version' | 'reason'>): string {
  return `${state}: ${version}${reason === undefined ? '' : ` (${reason})`}`
}
