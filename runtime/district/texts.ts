import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import { districtError } from './yaml-file.ts'

export interface DistrictFiles {
  /** The folder. */
  readonly district: string
  /** Whether its example sites, with their thresholds, are used too. */
  readonly exampleSites: boolean
}

export const districtFileNames = [
  'areas.yaml',
  'sites.yaml',
  'calendars.yaml',
  'parameters.yaml',
  'units.yaml',
  'targets.yaml',
  'thresholds.yaml',
  'example-sites.yaml',
  'example-thresholds.yaml',
] as const
export type DistrictFileName = (typeof districtFileNames)[number]

/** The district's files as they were at one moment. */
export interface DistrictTexts {
  readonly folder: string
  /** Whether there is a folder at all. */
  readonly exists: boolean
  /** Those that are there, and are used. */
  readonly texts: ReadonlyMap<DistrictFileName, string>
}

/** Characters of a file, at most: a thousand sites take a fifth of that. */
const maxLength = 2_000_000

/** @throws IocError DISTRICT_INVALID where a file is too large; FOLDER_UNUSABLE */
export function readTexts({ district: folder, exampleSites }: DistrictFiles): DistrictTexts {
  const texts = new Map<DistrictFileName, string>()
  for (const name of districtFileNames) {
    if (name.startsWith('example-') && !exampleSites) continue
    const path = join(folder, name)
    const text = readText(path)
    if (text === undefined) continue
    if (text.length > maxLength)
      throw districtError({ path, line: null, reason: `the file has more than ${maxLength} characters` })
    texts.set(name, text)
  }
  return { folder, exists: texts.size > 0 || existsSync(folder), texts }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new IocError('FOLDER_UNUSABLE', `cannot read ${path} (${code}): IOC_DISTRICT sets its folder`, { cause })
  }
}
