import type { CameraReason, CameraStep, ClockSource, StepState } from '@ioc/contract/device-types/camera-health.ts'
import { displayOffsetMs } from '@ioc/runtime/display-time.ts'
import { isElsewhere } from './clock-check.ts'
import type { FoundIdentity, KnownIdentity } from './identity-check.ts'
import type { CameraState } from './summary.ts'

const hourMs = 3_600_000

/** What the last check of a camera found, with the facts behind its states. Plain data, kept on disk. */
export interface Diagnosis {
  readonly ts: number
  readonly state: CameraState
  readonly reason?: CameraReason | undefined
  readonly steps: Readonly<Record<Exclude<CameraStep, 'picture'>, StepState>>
  readonly clock?: ClockFacts | undefined
  readonly identity?: { readonly known: KnownIdentity; readonly found: FoundIdentity } | undefined
}

interface ClockFacts {
  readonly offset_s: number
  readonly source: 'onvif' | 'http'
  readonly set_by?: ClockSource | undefined
  readonly zone_ms?: number | undefined
  /** Time servers of the camera, where they were asked for; null: the camera does not state them. */
  readonly servers?: readonly string[] | null | undefined
}

/** Each step with its state, and why it is so where that is known. */
export function explainHealth({ steps, clock, identity }: Diagnosis): readonly (readonly [string, string, string])[] {
  const facts: Partial<Record<string, string>> = {
    ...(clock && { clock: clockText(clock) }),
    ...(identity && { identity: identityText(identity.known, identity.found) }),
  }
  return Object.entries(steps).map(([step, state]) => [step, state, facts[step] ?? ''])
}

function clockText({ offset_s, source, set_by, zone_ms, servers }: ClockFacts): string {
  const side = offset_s < 0 ? 'behind' : 'ahead'
  const from = source === 'http' ? ', by the Date of an HTTP answer' : ''
  const mode = { ntp: 'NTP is on', manual: 'NTP is off: the clock is set by hand' } as const
  const zone = zone_ms !== undefined && isElsewhere(zone_ms) ? zone_ms : undefined
  return [
    `${Math.abs(offset_s)} s ${side}${from}`,
    ...(set_by === undefined ? [] : [mode[set_by]]),
    ...(servers ? [servers.length === 0 ? 'no time server is set' : `time server ${servers.join(', ')}`] : []),
    ...(zone === undefined ? [] : [`its zone is ${zoneText(zone)}, the place is at ${zoneText(displayOffsetMs)}`]),
  ].join('; ')
}

const zoneText = (ms: number): string => `UTC${ms < 0 ? '-' : '+'}${Math.round(Math.abs(ms) / (hourMs / 100)) / 100}`

function identityText(known: KnownIdentity, found: FoundIdentity): string {
  const shown = (serial: string | undefined, macs: readonly string[]) =>
    `serial ${serial || 'unknown'}, MAC ${macs.join(' ') || 'unknown'}`
  const now = `${found.manufacturer} ${found.model}, ${shown(found.serial, found.macs)}`
  const expected = shown(known.serial, known.mac === undefined ? [] : [known.mac])
  return `answers: ${now}; expected: ${expected}`
}
