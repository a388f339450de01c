import { isUtf8 } from 'node:buffer'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isIocError } from '@ioc/contract/errors.ts'
import { districtError } from './yaml-file.ts'

export interface DistrictFiles {
  /** The folder. */
  readonly district: string
  /** Whether its example sites, with their thresholds, are used too, and its example people in place of the real ones. */
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
  'rules.yaml',
  'people.yaml',
  'example-sites.yaml',
  'example-thresholds.yaml',
  'example-people.yaml',
  'outlines.geojson',
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

/** Bytes of a file, at most: a thousand sites take a fifth of that. */
const maxBytes = 2_000_000

/** @throws IocError DISTRICT_INVALID where a file cannot be read, is too large, or is no text */
export function readTexts({ district: folder, exampleSites }: DistrictFiles): DistrictTexts {
  const texts = new Map<DistrictFileName, string>()
  for (const name of districtFileNames) {
    if (name.startsWith('example-') && !exampleSites) continue
    const path = join(folder, name)
    const text = readText(path)
    if (text === undefined) continue
    texts.set(name, text)
  }
  return { folder, exists: texts.size > 0 || existsSync(folder), texts }
}

/**
 * The text of a file; undefined where there is none.
 * @throws IocError DISTRICT_INVALID
 */
export function readText(path: string): string | undefined {
  let bytes: Buffer
  try {
    // Before it is read: a pipe or a device would never end.
    const stats = statSync(path)
    if (!stats.isFile()) throw districtError({ path, line: null, reason: 'is not a file' })
    if (stats.size > maxBytes)
      throw districtError({ path, line: null, reason: `the file has more than ${maxBytes} bytes` })
    bytes = readFileSync(path)
  } catch (cause) {
    if (isIocError(cause)) throw cause
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw districtError({ path, line: null, reason: `the file cannot be read (${code})` })
  }
  const text = bytes.toString()
  if (isUtf8(bytes)) return text
  const line = text.slice(0, text.indexOf('\uFFFD')).split('\n').length
  throw districtError({ path, line, reason: 'the text is not UTF-8: save the file with that encoding' })
}
