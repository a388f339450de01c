import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { compareVersions } from '@ioc/contract/messages/agent-release.ts'

export interface ReleasedVersion {
  version: string
  platforms: string[]
}

/** Versions of which there is a signed release, the newest first. */
export function releasedVersions(folder: string): ReleasedVersion[] {
  const platforms = new Map<string, string[]>()
  let names: string[] = []
  try {
    names = readdirSync(resolve(folder))
  } catch {
    // Nothing has been built yet.
  }
  for (const name of names) {
    const [, version, platform] = /^ioc-agent-(\d+\.\d+\.\d+)-([\w-]+)\.release\.json$/.exec(name) ?? []
    if (version !== undefined && platform !== undefined) {
      platforms.set(version, [...(platforms.get(version) ?? []), platform])
    }
  }
  return [...platforms]
    .map(([version, list]) => ({ version, platforms: list.sort() }))
    .sort((a, b) => compareVersions(b.version, a.version))
}
