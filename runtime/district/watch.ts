import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isIocError } from '@ioc/contract/errors.ts'
import type { LiveDistrictProblem } from '@ioc/contract/messages/live.ts'
import type { Logger } from '../logger.ts'
import { type District, districtOf, type ReferencesOf } from './district.ts'
import { localDay } from './in-force.ts'
import { type DistrictFiles, type DistrictTexts, readTexts } from './texts.ts'
import { districtError, type FileFault } from './yaml-file.ts'

export interface DistrictWatchParts {
  readonly files: DistrictFiles
  /** Without it, what depends on indicators is not read. */
  readonly referencesOf?: ReferencesOf
  readonly logger: Logger
  /** Time between two looks at the files, in ms. */
  readonly pollMs: number
  /** Called with the district that is in force from now on; the next look comes when it has resolved. */
  readonly onChange: (district: District) => Promise<void>
  /** Called when the files are refused, for another reason than before, or valid again. */
  readonly onProblem: (problem: LiveDistrictProblem | null) => void
  readonly now?: () => number
}

export interface DistrictWatch {
  /** What is in force. */
  readonly district: District
  readonly problem: LiveDistrictProblem | null
  /** Looks at the files once. `start` does it again and again. */
  look(): Promise<void>
  start(): void
  /** Resolves when no look is going on, or after `patienceMs`. */
  stop(patienceMs: number): Promise<void>
}

/**
 * Reads the district's folder, and follows its changes: files are read and compared, because notifications of a file system
 * miss folders that are replaced and files on a network. A change is validated once two looks in a row find the same, so
 * that half-written files are not. What is not valid is refused, and what was in force stays so. At midnight the areas in
 * force are determined anew.
 * @throws IocError DISTRICT_INVALID: there is nothing that could stay in force yet
 */
export function watchDistrict(parts: DistrictWatchParts): DistrictWatch {
  const { files, referencesOf, logger, onChange, onProblem, pollMs, now = Date.now } = parts
  const abort = new AbortController()
  /** What is in force, and the day as of which it is. */
  let texts = readTexts(files)
  let day = localDay(now())
  let district = districtOf(texts, now(), referencesOf)
  let problem: LiveDistrictProblem | null = null
  /** What the last look found, and what was validated last. */
  let seen = fingerprintOf(texts)
  let validated = seen
  let running: Promise<void> = Promise.resolve()
  if (!texts.exists)
    logger.warn({ folder: texts.folder }, 'no district folder (IOC_DISTRICT): areas come from the births of nodes')

  async function look(): Promise<void> {
    const found = attempt(() => readTexts(files))
    const fingerprint = found.error ? `${found.error.path} ${found.error.reason}` : fingerprintOf(found.value)
    const isSettled = fingerprint === seen
    seen = fingerprint
    const today = localDay(now())
    if (!isSettled || (fingerprint === validated && today === day)) return
    validated = fingerprint
    const valid = found.error ? found : attempt(() => validate(found.value))
    if (valid.error) {
      refuse(valid.error)
      // The areas in force change at midnight all the same.
      if (today !== day) await takeUp(texts, attempt(() => districtOf(texts, now(), referencesOf)).value ?? district)
    } else {
      accept()
      await takeUp(found.value ?? texts, valid.value)
    }
    day = today
  }

  /** @throws IocError DISTRICT_INVALID */
  function validate(found: DistrictTexts): District {
    const { folder } = found
    // At a start this may be meant; now it is more likely that the folder is being replaced, or gone by mistake.
    if (texts.exists && !found.exists)
      throw districtError({ path: folder, line: null, reason: 'the folder is missing' })
    if (texts.texts.has('areas.yaml') && !found.texts.has('areas.yaml'))
      throw districtError({ path: `${folder}/areas.yaml`, line: null, reason: 'the file is missing' })
    return districtOf(found, now(), referencesOf)
  }

  function refuse({ path, line, reason }: FileFault): void {
    const file = basename(path)
    if (problem?.file === file && problem.line === line && problem.reason === reason) return
    problem = { file, line, reason, since: now() }
    logger.error({ file: path, line, reason }, 'the district files are refused: the data before stays in force')
    onProblem(problem)
  }

  function accept(): void {
    if (!problem) return
    problem = null
    logger.info('the district files are valid again')
    onProblem(null)
  }

  async function takeUp(from: DistrictTexts, next: District): Promise<void> {
    texts = from
    if (next.content === district.content) return
    district = next
    const { areas, sites } = next.described
    logger.info({ areas: areas.length, sites: sites.length }, 'the district files have changed: taking them up')
    await onChange(next)
  }

  async function run(): Promise<void> {
    while (!abort.signal.aborted) {
      await sleep(pollMs, undefined, { signal: abort.signal, ref: false }).catch(() => undefined)
      if (!abort.signal.aborted) await look()
    }
  }

  return {
    get district() {
      return district
    },
    get problem() {
      return problem
    },
    look,
    start() {
      running = run()
    },
    async stop(patienceMs) {
      abort.abort()
      await Promise.race([running, sleep(patienceMs, undefined, { ref: false })])
    },
  }
}

type Attempt<T> =
  | { readonly value: T; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: FileFault }

/** What is wrong with the files is an answer. */
function attempt<T>(read: () => T): Attempt<T> {
  try {
    return { value: read() }
  } catch (error) {
    if (isIocError(error, 'DISTRICT_INVALID')) return { error: error.cause as FileFault }
    throw error
  }
}

function fingerprintOf({ exists, texts }: DistrictTexts): string {
  return JSON.stringify([exists, ...texts])
}
