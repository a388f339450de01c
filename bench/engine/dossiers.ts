import type { CaseClaim } from '@ioc/stream-processor/engine/cases/case-point.ts'
import { type CaseIndicator, caseIndicator } from '@ioc/stream-processor/indicators/case-indicator.ts'

const hour = 3_600_000
/** How long closed cases stay: their window, and the lateness of the run. */
const keptMs = 25 * hour
export const dossierLatenessMs = hour

const common = {
  title: { vi: 'đo', en: 'bench' },
  about: { vi: 'Thử.', en: 'A test.' },
  unit: '1',
  formula: 'x',
  source: 'one_stop',
  window: { kind: 'calendar', unit: 'day' },
  by: 'field',
} as const

/** Backlog, overdue and on time by one attribute. */
export function dossierIndicators(scopes: CaseIndicator['scopes']): readonly CaseIndicator[] {
  return [
    caseIndicator({ ...common, scopes, id: 'bench_backlog', value: ({ backlog }) => backlog }),
    caseIndicator({ ...common, scopes, id: 'bench_overdue', value: ({ overdue }) => overdue }),
    caseIndicator({
      ...common,
      scopes,
      id: 'bench_on_time',
      value: ({ closedOnTime, closed }) => (closed === 0 ? undefined : closedOnTime / closed),
    }),
  ]
}

/** Of the versions of open cases, those that close theirs; another then begins in its place. */
const closingShare = 0.1
/** Of the others, those that move the due time. */
const postponedShare = 0.2
const maxDueMs = 3 * keptMs

const siteCount = 100
const devicesOfSite = 10
const areaCount = 10
/** Of the twenty fields, a desk handles so many. */
const fieldsOfDevice = 4
const names = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index}`)
const fields = names('field', 20)
const units = names('unit', 50)
const procedures = names('procedure', 500)

/** A number that depends on all bits of a slot. */
const mixed = (slot: number): number => Math.imul(slot + 1, 0x9e3779b1) >>> 16

export interface DossierLoad {
  /** Fills the batch with the next versions; returns the time of the newest. */
  next(batch: Claim[]): number
}

/** A claim that is filled again and again: what is measured is the engine, not their making. */
export interface Claim extends CaseClaim {
  site: string
  device: string
  area: string
  ts: number
  case: Dossier
}

interface Dossier {
  id: string
  state: string
  opened: number
  due: number
  closed: number | null
  field: string
  procedure: string
  unit: string
  channel: string
  online: boolean
}

export const createClaims = (count: number): Claim[] => {
  const dossier = { id: '', state: 'x', opened: 0, due: 0, closed: null, channel: 'web', online: true }
  return Array.from({ length: count }, () => {
    const own = { ...dossier, field: '', procedure: '', unit: '' }
    return { type: 'one_stop', site: '', device: '', area: '', ts: 0, case: own }
  })
}

/**
 * Versions of `open` cases at random: the first `open` of them begin one each. Time passes as fast as it must for as many
 * closed cases to be in memory as open ones.
 */
export function createDossierLoad(open: number, startMs: number): DossierLoad {
  const ids = Array.from({ length: open }, () => '')
  const openedAt = new Float64Array(open)
  const dueAt = new Float64Array(open)
  const sites = names('site', siteCount)
  const areas = names('area', areaCount)
  const devices = names('desk', devicesOfSite)
  const stepMs = (keptMs * closingShare) / open
  let begun = 0
  // In arrays, and whole numbers from function to function: a double elsewhere would be garbage, which the engine's time
  // would be charged for.
  const now = new Float64Array([startMs])
  const random = new Uint32Array([42])

  /** A whole number from 0 to before `count`. */
  function pick(count: number): number {
    random[0] = Math.imul(random[0] as number, 1_664_525) + 1_013_904_223
    return Math.floor(((random[0] as number) / 2 ** 32) * count)
  }

  const happens = (share: number): boolean => pick(1_000_000) < share * 1_000_000

  function setDue(slot: number): void {
    dueAt[slot] = Math.floor((now[0] as number) + (pick(1_000_000) / 1_000_000) * maxDueMs)
  }

  function fill(claim: Claim): void {
    const slot = begun < open ? begun : pick(open)
    const time = Math.floor(now[0] as number)
    const own = claim.case
    own.closed = null
    if (ids[slot] === '') {
      // Flat, as text that was parsed is.
      ids[slot] = Buffer.from(`H33.08-${begun++}`).toString('latin1')
      openedAt[slot] = time
      setDue(slot)
    } else if (happens(closingShare)) {
      own.closed = time
    } else if (happens(postponedShare)) {
      setDue(slot)
    }
    claim.site = sites[slot % siteCount] as string
    claim.area = areas[slot % areaCount] as string
    claim.device = devices[Math.floor(slot / siteCount) % devicesOfSite] as string
    claim.ts = time
    own.id = ids[slot] as string
    own.opened = openedAt[slot] as number
    own.due = dueAt[slot] as number
    own.field = fields[(Math.floor(slot / siteCount) * 3 + (mixed(slot) % fieldsOfDevice)) % fields.length] as string
    own.procedure = procedures[(slot * 11) % procedures.length] as string
    own.unit = units[pick(units.length)] as string
    if (own.closed !== null) ids[slot] = ''
  }

  return {
    next(batch) {
      for (const claim of batch) {
        fill(claim)
        now[0] = (now[0] as number) + stepMs
      }
      return Math.floor(now[0] as number)
    },
  }
}
