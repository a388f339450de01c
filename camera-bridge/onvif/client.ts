import type { ClockSource } from '@ioc/contract/device-types/camera-health.ts'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import type { Account } from './digest.ts'
import { Session } from './session.ts'
import { bodyOf, type Element, elementsAt, escapeXml, textAt } from './soap.ts'

export interface CameraClock {
  /** The camera's clock minus the bridge's, in ms. */
  readonly offsetMs: number
  /** Time of the request and its answer, in ms. */
  readonly roundTripMs: number
  /** Where it comes from: the operation, or the `Date` of a refusal. */
  readonly source: 'onvif' | 'http'
  /** Undefined where the camera does not state it. */
  readonly setBy: ClockSource | undefined
  /** Local time minus UTC, as the camera states them, in ms: what it burns into its pictures. */
  readonly zoneMs: number | undefined
}

export interface DeviceInformation {
  readonly manufacturer: string
  readonly model: string
  readonly firmware: string
  readonly serial: string
}

export interface MediaProfile {
  readonly token: string
  readonly name: string
  /** Size of the picture, in pixels; 0 where the camera does not report it. */
  readonly width: number
  readonly height: number
}

export interface PtzPreset {
  readonly token: string
  readonly name: string
  /** Its pan in ONVIF's generic space, from -1 to 1, where the camera states it. */
  readonly pan: number | undefined
}

/** Where the head of a camera is; cameras leave out what they do not know. */
export interface PtzStatus {
  readonly pan: number | undefined
  readonly tilt: number | undefined
  readonly zoom: number | undefined
  /** Undefined: the camera does not report it. */
  readonly moving: boolean | undefined
}

/** Speeds from -1 to 1. */
export interface PtzSpeed {
  readonly pan: number
  readonly tilt: number
  readonly zoom: number
}

const ver10 = 'http://www.onvif.org/ver10'
export const namespaces = {
  device: `${ver10}/device/wsdl`,
  media: `${ver10}/media/wsdl`,
  events: `${ver10}/events/wsdl`,
  recording: `${ver10}/recording/wsdl`,
  ptz: 'http://www.onvif.org/ver20/ptz/wsdl',
} as const
export type Service = keyof typeof namespaces

/** Times of a camera are whole seconds: on average half of one has passed. */
const halfSecondMs = 500

/**
 * The operations of ONVIF that the bridge needs, over one session. Written by hand and not over the package `onvif`: see
 * docs/decisions/0090-a-client-for-onvif.md.
 */
export class OnvifClient {
  readonly session: Session
  readonly #deviceUrl: URL
  readonly #now: () => number
  #services: Partial<Record<Service, URL>> | undefined

  constructor(deviceUrl: URL, account: Account | undefined, now: () => number = Date.now) {
    this.#deviceUrl = deviceUrl
    this.#now = now
    this.session = new Session({ account, now })
    this.session.readClock = (signal) => this.readClock(signal)
  }

  /**
   * The camera's clock, asked for without a login; where it wants one, the `Date` of its refusal. Requests that follow are
   * signed with it.
   * @returns undefined where the camera answers without any time
   */
  async readClock(signal: AbortSignal): Promise<CameraClock | undefined> {
    const sentAt = this.#now()
    const began = performance.now()
    const request = `<GetSystemDateAndTime xmlns="${namespaces.device}"/>`
    const { body, headers } = await this.session.anonymous(this.#deviceUrl, request, signal)
    const roundTripMs = performance.now() - began
    const { utc, local, setBy, zoneMs } = statedTimes(body.toString('utf8'))
    const dated = Date.parse(headers.date ?? '')
    const time = utc ?? (Number.isNaN(dated) ? local : dated)
    if (time === undefined) return undefined
    const offsetMs = time + halfSecondMs - (sentAt + roundTripMs / 2)
    this.session.clockOffsetMs = offsetMs
    const source = utc === undefined && !Number.isNaN(dated) ? 'http' : 'onvif'
    return { offsetMs, roundTripMs, source, setBy, zoneMs }
  }

  /** Servers from which the camera takes its time; undefined where it does not support the question. */
  async readTimeServers(signal: AbortSignal): Promise<string[] | undefined> {
    try {
      const body = await this.#call('device', 'GetNTP', '', signal)
      const servers = ['NTPManual', 'NTPFromDHCP'].flatMap((list) =>
        elementsAt(body, 'GetNTPResponse', 'NTPInformation', list),
      )
      return servers.flatMap((one) =>
        (['DNSname', 'IPv4Address', 'IPv6Address'] as const).flatMap((key) => textAt(one, key) ?? []).slice(0, 1),
      )
    } catch (error) {
      if (isIocError(error, 'CAMERA_FAULT')) return undefined
      throw error
    }
  }

  async readInformation(signal: AbortSignal): Promise<DeviceInformation> {
    const body = await this.#call('device', 'GetDeviceInformation', '', signal)
    const at = (name: string) => textAt(body, 'GetDeviceInformationResponse', name) ?? ''
    return {
      manufacturer: at('Manufacturer'),
      model: at('Model'),
      firmware: at('FirmwareVersion'),
      serial: at('SerialNumber'),
    }
  }

  /** MAC addresses in lower case. */
  async readAddresses(signal: AbortSignal): Promise<string[]> {
    const body = await this.#call('device', 'GetNetworkInterfaces', '', signal)
    return elementsAt(body, 'GetNetworkInterfacesResponse', 'NetworkInterfaces').flatMap(
      (one) => textAt(one, 'Info', 'HwAddress')?.toLowerCase() ?? [],
    )
  }

  async readProfiles(signal: AbortSignal): Promise<MediaProfile[]> {
    const body = await this.#call('media', 'GetProfiles', '', signal)
    return elementsAt(body, 'GetProfilesResponse', 'Profiles').flatMap((one) => {
      const token = textAt(one, '@token')
      if (token === undefined) return []
      const size = (name: string) => Number(textAt(one, 'VideoEncoderConfiguration', 'Resolution', name) ?? 0)
      return [{ token, name: textAt(one, 'Name') ?? token, width: size('Width'), height: size('Height') }]
    })
  }

  async readSnapshotUri(profile: string, signal: AbortSignal): Promise<URL> {
    const body = await this.#call('media', 'GetSnapshotUri', profileToken(profile), signal)
    return this.#urlOf(textAt(body, 'GetSnapshotUriResponse', 'MediaUri', 'Uri'), 'GetSnapshotUri')
  }

  async readStreamUri(profile: string, signal: AbortSignal): Promise<URL> {
    const setup =
      '<StreamSetup><Stream xmlns="http://www.onvif.org/ver10/schema">RTP-Unicast</Stream>' +
      '<Transport xmlns="http://www.onvif.org/ver10/schema"><Protocol>RTSP</Protocol></Transport></StreamSetup>'
    const body = await this.#call('media', 'GetStreamUri', setup + profileToken(profile), signal)
    return this.#urlOf(textAt(body, 'GetStreamUriResponse', 'MediaUri', 'Uri'), 'GetStreamUri')
  }

  /** Whether something is recorded; undefined where the camera does not record by itself. */
  async readRecording(signal: AbortSignal): Promise<boolean | undefined> {
    if (!(await this.serviceUrl('recording', signal))) return undefined
    try {
      const jobs = await this.#call('recording', 'GetRecordingJobs', '', signal)
      const tokens = elementsAt(jobs, 'GetRecordingJobsResponse', 'JobItem').flatMap(
        (one) => textAt(one, 'JobToken') ?? [],
      )
      for (const token of tokens) {
        const request = `<JobToken>${escapeXml(token)}</JobToken>`
        const state = await this.#call('recording', 'GetRecordingJobState', request, signal)
        if (textAt(state, 'GetRecordingJobStateResponse', 'State', 'State') === 'Active') return true
      }
      return tokens.length === 0 ? undefined : false
    } catch (error) {
      if (isIocError(error, 'CAMERA_FAULT') && /^ActionNotSupported/.test(error.message)) return undefined
      throw error
    }
  }

  async readPresets(profile: string, signal: AbortSignal): Promise<PtzPreset[]> {
    const body = await this.#call('ptz', 'GetPresets', profileToken(profile), signal)
    return elementsAt(body, 'GetPresetsResponse', 'Preset').flatMap((one) => {
      const token = textAt(one, '@token')
      const pan = numberAt(one, 'PTZPosition', 'PanTilt', '@x')
      return token === undefined ? [] : [{ token, name: textAt(one, 'Name') ?? token, pan }]
    })
  }

  async goToPreset(profile: string, preset: string, signal: AbortSignal): Promise<void> {
    const request = `${profileToken(profile)}<PresetToken>${escapeXml(preset)}</PresetToken>`
    await this.#call('ptz', 'GotoPreset', request, signal)
  }

  async goHome(profile: string, signal: AbortSignal): Promise<void> {
    await this.#call('ptz', 'GotoHomePosition', profileToken(profile), signal)
  }

  /** Turns for a second at most, so that a lost `stop` does no harm. */
  async turn(profile: string, { pan, tilt, zoom }: PtzSpeed, signal: AbortSignal): Promise<void> {
    const schema = 'xmlns="http://www.onvif.org/ver10/schema"'
    const velocity = `<Velocity><PanTilt ${schema} x="${pan}" y="${tilt}"/><Zoom ${schema} x="${zoom}"/></Velocity>`
    await this.#call('ptz', 'ContinuousMove', `${profileToken(profile)}${velocity}<Timeout>PT1S</Timeout>`, signal)
  }

  async stopTurning(profile: string, signal: AbortSignal): Promise<void> {
    await this.#call('ptz', 'Stop', `${profileToken(profile)}<PanTilt>true</PanTilt><Zoom>true</Zoom>`, signal)
  }

  async readPtzStatus(profile: string, signal: AbortSignal): Promise<PtzStatus> {
    const body = await this.#call('ptz', 'GetStatus', profileToken(profile), signal)
    const [status] = elementsAt(body, 'GetStatusResponse', 'PTZStatus')
    const moves = [textAt(status, 'MoveStatus', 'PanTilt'), textAt(status, 'MoveStatus', 'Zoom')]
    return {
      pan: numberAt(status, 'Position', 'PanTilt', '@x'),
      tilt: numberAt(status, 'Position', 'PanTilt', '@y'),
      zoom: numberAt(status, 'Position', 'Zoom', '@x'),
      moving: moves.every((one) => one === undefined) ? undefined : moves.includes('MOVING'),
    }
  }

  /** Where a service is; undefined where the camera does not have it. */
  async serviceUrl(service: Service, signal: AbortSignal): Promise<URL | undefined> {
    if (service === 'device') return this.#deviceUrl
    this.#services ??= await this.#readServices(signal)
    return this.#services[service]
  }

  /** Reads the addresses of the services again at the next request: a camera that was set up anew may have moved them. */
  refreshServices(): void {
    this.#services = undefined
  }

  async #readServices(signal: AbortSignal): Promise<Partial<Record<Service, URL>>> {
    try {
      const request = '<IncludeCapability>false</IncludeCapability>'
      const body = await this.#call('device', 'GetServices', request, signal)
      return this.#servicesOf(
        elementsAt(body, 'GetServicesResponse', 'Service').map((one) => [
          textAt(one, 'Namespace'),
          textAt(one, 'XAddr'),
        ]),
      )
    } catch (error) {
      if (!isIocError(error, 'CAMERA_FAULT')) throw error
    }
    // Cameras of the first profile know only the older operation.
    const body = await this.#call('device', 'GetCapabilities', '<Category>All</Category>', signal)
    const [all] = elementsAt(body, 'GetCapabilitiesResponse', 'Capabilities')
    return this.#servicesOf([
      [namespaces.media, textAt(all, 'Media', 'XAddr')],
      [namespaces.events, textAt(all, 'Events', 'XAddr')],
      [namespaces.ptz, textAt(all, 'PTZ', 'XAddr')],
      [namespaces.recording, textAt(all, 'Extension', 'Recording', 'XAddr')],
    ])
  }

  #servicesOf(found: readonly (readonly [string | undefined, string | undefined])[]): Partial<Record<Service, URL>> {
    const services: Partial<Record<Service, URL>> = {}
    for (const [service, namespace] of Object.entries(namespaces) as [Service, string][]) {
      const address = found.find(([name, url]) => name === namespace && url !== undefined)?.[1]
      if (address !== undefined) services[service] = this.#urlOf(address, service)
    }
    return services
  }

  /** An address that the camera states. Its host is the one at which the camera was reached: many state another one. */
  #urlOf(text: string | undefined, operation: string): URL {
    const url = text === undefined ? undefined : URL.parse(text)
    if (!url || !/^(https?|rtsp):$/.test(url.protocol)) {
      throw new IocError('CAMERA_ANSWER_INVALID', `${operation}: no address in the answer`)
    }
    url.hostname = this.#deviceUrl.hostname
    return url
  }

  async #call(service: Service, operation: string, content: string, signal: AbortSignal): Promise<Element> {
    const url = await this.serviceUrl(service, signal)
    if (!url) throw new IocError('CAMERA_FAULT', `the camera does not have the ${service} service`)
    const request = `<${operation} xmlns="${namespaces[service]}">${content}</${operation}>`
    return (await this.session.call(url, request, signal)).body
  }
}

function numberAt(element: Element | undefined, ...path: readonly string[]): number | undefined {
  const value = Number(textAt(element, ...path) ?? Number.NaN)
  return Number.isFinite(value) ? value : undefined
}

function profileToken(token: string): string {
  return `<ProfileToken>${escapeXml(token)}</ProfileToken>`
}

interface StatedTimes {
  /** From the zone and the local time where the camera states no UTC, as cheap ones do. */
  readonly utc: number | undefined
  /** Local time without a zone. */
  readonly local: number | undefined
  readonly setBy: ClockSource | undefined
  readonly zoneMs: number | undefined
}

const noTimes: StatedTimes = { utc: undefined, local: undefined, setBy: undefined, zoneMs: undefined }

/** The times within an answer; none where the camera refuses it. @throws IocError CAMERA_ANSWER_INVALID */
function statedTimes(xml: string): StatedTimes {
  if (xml.trim() === '') return noTimes
  const [stated] = elementsAt(bodyOf(xml), 'GetSystemDateAndTimeResponse', 'SystemDateAndTime')
  const local = timeAt(stated, 'LocalDateTime')
  const utc = timeAt(stated, 'UTCDateTime')
  const behindMs = posixZoneMs(textAt(stated, 'TimeZone', 'TZ') ?? '')
  const aheadMs = behindMs === undefined ? undefined : -behindMs
  return {
    utc: utc ?? (local === undefined || aheadMs === undefined ? undefined : local - aheadMs),
    local,
    setBy: setBy(textAt(stated, 'DateTimeType') ?? ''),
    zoneMs: local === undefined || utc === undefined ? aheadMs : local - utc,
  }
}

function setBy(type: string): ClockSource | undefined {
  return type === 'NTP' ? 'ntp' : type === 'Manual' ? 'manual' : undefined
}

function timeAt(element: Element | undefined, name: string): number | undefined {
  const at = (...path: readonly string[]) => Number(textAt(element, name, ...path) ?? Number.NaN)
  const time = Date.UTC(
    at('Date', 'Year'),
    at('Date', 'Month') - 1,
    at('Date', 'Day'),
    at('Time', 'Hour'),
    at('Time', 'Minute'),
    at('Time', 'Second'),
  )
  return Number.isNaN(time) ? undefined : time
}

/** UTC minus local time of a zone as POSIX writes it, as `ICT-7` or `<+07>-7:00`, in ms. */
function posixZoneMs(zone: string): number | undefined {
  const [, sign, hours, minutes = '0'] = /^(?:[A-Za-z]+|<[^>]+>)([+-]?)(\d{1,2})(?::(\d{2}))?/.exec(zone) ?? []
  if (hours === undefined) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}
