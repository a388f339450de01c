import { escapeXml, textOf } from './soap.ts'
import type { CameraState } from './state.ts'

export interface CameraIdentity {
  readonly manufacturer: string
  readonly model: string
  readonly firmware: string
  readonly serial: string
  readonly mac: string
  readonly name: string
}

/** In ONVIF's generic spaces: from −1 to 1, zoom from 0 to 1. */
export interface PtzPosition {
  readonly pan: number
  readonly tilt: number
  readonly zoom: number
}

export interface Preset extends PtzPosition {
  readonly token: string
  readonly name: string
}

/** What the simple operations answer from. */
export interface OperationContext {
  readonly identity: CameraIdentity
  readonly state: CameraState
  /** The camera's clock, in ms. */
  readonly now: number
  /** As `http://127.0.0.1:8080`. */
  readonly base: string
  readonly streamUri: string
  readonly width: number
  readonly height: number
  readonly presets: readonly Preset[]
  readonly head: PtzHead
}

/** Where the head of a PTZ camera is; it moves to its target at once or over some time. */
export interface PtzHead {
  position(now: number): PtzPosition & { readonly moving: boolean }
  goTo(target: PtzPosition, now: number): void
  /** Turns at a speed for some time, in ms. */
  turn(speed: PtzPosition, lastsMs: number, now: number): void
  stop(now: number): void
  /** Whether it reports that it moves; some cameras never do. */
  readonly reportsMoves: boolean
}

/** A refusal: its ONVIF subcode and its reason. */
export class Refusal extends Error {
  readonly subcode: string
  constructor(subcode: string, reason: string) {
    super(reason)
    this.subcode = subcode
  }
}

const services = {
  'http://www.onvif.org/ver10/device/wsdl': 'device_service',
  'http://www.onvif.org/ver10/media/wsdl': 'media_service',
  'http://www.onvif.org/ver10/events/wsdl': 'event_service',
  'http://www.onvif.org/ver20/ptz/wsdl': 'ptz_service',
  'http://www.onvif.org/ver10/recording/wsdl': 'recording_service',
} as const

/** Operations that a camera answers without a login, so that a client can set its clock. */
export const openActions: readonly string[] = ['GetSystemDateAndTime', 'GetServices', 'GetCapabilities', 'GetHostname']

/** A turn without an end lasts for so long, in ms. */
const maxTurnMs = 1_000

type Operation = (context: OperationContext, body: string) => string

/** Operations whose answer follows from the state of the camera. Subscriptions are apart. */
export const operations: Readonly<Record<string, Operation>> = {
  GetSystemDateAndTime: ({ now, state }) => {
    const { statedTime, ntp, zoneHours } = state
    // POSIX writes how far a zone is behind UTC.
    const zone = statedTime === 'local' ? '' : `<tt:TimeZone><tt:TZ>ICT${-zoneHours}</tt:TZ></tt:TimeZone>`
    const utc = statedTime === 'utc' ? `<tt:UTCDateTime>${dateTime(now)}</tt:UTCDateTime>` : ''
    return answer(
      'tds:GetSystemDateAndTime',
      `<tds:SystemDateAndTime><tt:DateTimeType>${ntp ? 'NTP' : 'Manual'}</tt:DateTimeType>` +
        `<tt:DaylightSavings>false</tt:DaylightSavings>${zone}${utc}` +
        `<tt:LocalDateTime>${dateTime(now + zoneHours * hourMs)}</tt:LocalDateTime></tds:SystemDateAndTime>`,
    )
  },
  GetNTP: ({ state: { timeServers } }) => {
    if (!timeServers) throw new Refusal('ActionNotSupported', 'Optional action not implemented')
    const servers = timeServers.map(
      (name) => `<tt:NTPManual><tt:Type>DNS</tt:Type><tt:DNSname>${escapeXml(name)}</tt:DNSname></tt:NTPManual>`,
    )
    return answer(
      'tds:GetNTP',
      `<tds:NTPInformation><tt:FromDHCP>false</tt:FromDHCP>${servers.join('')}</tds:NTPInformation>`,
    )
  },
  GetServices: ({ base, state }) =>
    answer(
      'tds:GetServices',
      Object.entries(services)
        .map(
          ([namespace, path]) =>
            `<tds:Service><tds:Namespace>${namespace}</tds:Namespace><tds:XAddr>${serviceAddress(base, state, path)}</tds:XAddr>` +
            '<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>',
        )
        .join(''),
    ),
  GetCapabilities: ({ base, state }) =>
    answer(
      'tds:GetCapabilities',
      '<tds:Capabilities>' +
        `<tt:Device><tt:XAddr>${base}/onvif/device_service</tt:XAddr></tt:Device>` +
        `<tt:Events><tt:XAddr>${serviceAddress(base, state, 'event_service')}</tt:XAddr>` +
        '<tt:WSSubscriptionPolicySupport>false</tt:WSSubscriptionPolicySupport><tt:WSPullPointSupport>true</tt:WSPullPointSupport>' +
        '<tt:WSPausableSubscriptionManagerInterfaceSupport>false</tt:WSPausableSubscriptionManagerInterfaceSupport></tt:Events>' +
        `<tt:Media><tt:XAddr>${serviceAddress(base, state, 'media_service')}</tt:XAddr><tt:StreamingCapabilities>` +
        '<tt:RTPMulticast>false</tt:RTPMulticast><tt:RTP_TCP>true</tt:RTP_TCP><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP>' +
        '</tt:StreamingCapabilities></tt:Media>' +
        `<tt:PTZ><tt:XAddr>${serviceAddress(base, state, 'ptz_service')}</tt:XAddr></tt:PTZ></tds:Capabilities>`,
    ),
  GetHostname: ({ identity }) =>
    answer(
      'tds:GetHostname',
      `<tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP><tt:Name>${escapeXml(identity.name)}</tt:Name></tds:HostnameInformation>`,
    ),
  GetDeviceInformation: ({ identity }) =>
    answer(
      'tds:GetDeviceInformation',
      `<tds:Manufacturer>${escapeXml(identity.manufacturer)}</tds:Manufacturer><tds:Model>${escapeXml(identity.model)}</tds:Model>` +
        `<tds:FirmwareVersion>${escapeXml(identity.firmware)}</tds:FirmwareVersion>` +
        `<tds:SerialNumber>${escapeXml(identity.serial)}</tds:SerialNumber><tds:HardwareId>1</tds:HardwareId>`,
    ),
  GetNetworkInterfaces: ({ identity }) =>
    answer(
      'tds:GetNetworkInterfaces',
      '<tds:NetworkInterfaces token="eth0"><tt:Enabled>true</tt:Enabled>' +
        `<tt:Info><tt:Name>eth0</tt:Name><tt:HwAddress>${identity.mac}</tt:HwAddress><tt:MTU>1500</tt:MTU></tt:Info></tds:NetworkInterfaces>`,
    ),
  GetProfiles: (context) => answer('trt:GetProfiles', profile(context, 'main', 1) + profile(context, 'sub', 2)),
  GetSnapshotUri: ({ base, state }, body) =>
    answer(
      'trt:GetSnapshotUri',
      mediaUri(`${serviceAddress(base, state, 'snapshot.jpg')}?profile=${requireProfile(body)}&size=1`),
    ),
  GetStreamUri: ({ streamUri }, body) =>
    answer('trt:GetStreamUri', mediaUri(`${streamUri}?profile=${requireProfile(body)}&transport=tcp`)),
  GetEventProperties: () =>
    answer(
      'tev:GetEventProperties',
      '<tev:TopicNamespaceLocation>http://www.onvif.org/onvif/ver10/topics/topicns.xml</tev:TopicNamespaceLocation>' +
        '<wsnt:FixedTopicSet>true</wsnt:FixedTopicSet><wstop:TopicSet><tns1:RuleEngine><CellMotionDetector><Motion wstop:topic="true"/>' +
        '</CellMotionDetector></tns1:RuleEngine></wstop:TopicSet>' +
        '<wsnt:TopicExpressionDialect>http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet</wsnt:TopicExpressionDialect>' +
        '<tev:MessageContentFilterDialect>http://www.onvif.org/ver10/tev/messageContentFilter/ItemFilter</tev:MessageContentFilterDialect>' +
        '<tev:MessageContentSchemaLocation>http://www.onvif.org/onvif/ver10/schema/onvif.xsd</tev:MessageContentSchemaLocation>',
    ),
  GetRecordingJobs: ({ state }) => {
    requireRecording(state)
    return answer(
      'trc:GetRecordingJobs',
      '<trc:JobItem><tt:JobToken>job</tt:JobToken><tt:JobConfiguration><tt:RecordingToken>recording</tt:RecordingToken>' +
        '<tt:Mode>Active</tt:Mode><tt:Priority>1</tt:Priority></tt:JobConfiguration></trc:JobItem>',
    )
  },
  GetRecordingJobState: ({ state }) => {
    requireRecording(state)
    return answer(
      'trc:GetRecordingJobState',
      '<trc:State><tt:RecordingToken>recording</tt:RecordingToken>' +
        `<tt:State>${state.recording === 'active' ? 'Active' : 'Idle'}</tt:State></trc:State>`,
    )
  },
  GetPresets: ({ presets }) =>
    answer(
      'tptz:GetPresets',
      presets
        .map(
          ({ token, name, ...to }) =>
            `<tptz:Preset token="${escapeXml(token)}"><tt:Name>${escapeXml(name)}</tt:Name><tt:PTZPosition>${vector(to)}</tt:PTZPosition></tptz:Preset>`,
        )
        .join(''),
    ),
  GotoPreset: ({ presets, head, now }, body) => {
    const token = textOf(body, 'PresetToken')
    const preset = presets.find((one) => one.token === token)
    if (!preset) throw new Refusal('NoToken', 'The requested preset does not exist.')
    head.goTo(preset, now)
    return answer('tptz:GotoPreset', '')
  },
  GotoHomePosition: ({ head, now }) => {
    head.goTo({ pan: 0, tilt: 0, zoom: 0 }, now)
    return answer('tptz:GotoHomePosition', '')
  },
  ContinuousMove: ({ head, now }, body) => {
    const [, pan = '0', tilt = '0'] = /<(?:\w+:)?PanTilt[^>]*?x="([^"]*)"[^>]*?y="([^"]*)"/.exec(body) ?? []
    const [, zoom = '0'] = /<(?:\w+:)?Zoom[^>]*?x="([^"]*)"/.exec(body) ?? []
    head.turn({ pan: Number(pan), tilt: Number(tilt), zoom: Number(zoom) }, maxTurnMs, now)
    return answer('tptz:ContinuousMove', '')
  },
  GetStatus: ({ head, now }) => {
    const at = head.position(now)
    const moves = at.moving && head.reportsMoves ? 'MOVING' : 'IDLE'
    return answer(
      'tptz:GetStatus',
      `<tptz:PTZStatus><tt:Position>${vector(at)}</tt:Position>` +
        `<tt:MoveStatus><tt:PanTilt>${moves}</tt:PanTilt><tt:Zoom>${moves}</tt:Zoom></tt:MoveStatus>` +
        `<tt:UtcTime>${new Date(now).toISOString()}</tt:UtcTime></tptz:PTZStatus>`,
    )
  },
  Stop: ({ head, now }) => {
    head.stop(now)
    return answer('tptz:Stop', '')
  },
}

const hourMs = 3_600_000
const devicePath = 'device_service'

/** Clients know the address of the device service; the camera states where the others are. */
export function serviceAddress(base: string, { servicePath }: CameraState, service: string): string {
  return `${base}${service === devicePath ? '/onvif' : servicePath}/${service}`
}

function answer(name: string, content: string): string {
  return `<${name}Response>${content}</${name}Response>`
}

function dateTime(ts: number): string {
  const date = new Date(ts)
  return (
    `<tt:Time><tt:Hour>${date.getUTCHours()}</tt:Hour><tt:Minute>${date.getUTCMinutes()}</tt:Minute>` +
    `<tt:Second>${date.getUTCSeconds()}</tt:Second></tt:Time><tt:Date><tt:Year>${date.getUTCFullYear()}</tt:Year>` +
    `<tt:Month>${date.getUTCMonth() + 1}</tt:Month><tt:Day>${date.getUTCDate()}</tt:Day></tt:Date>`
  )
}

function profile({ width, height }: OperationContext, token: string, divisor: number): string {
  const [wide, high] = [Math.round(width / divisor), Math.round(height / divisor)]
  return (
    `<trt:Profiles token="${token}" fixed="true"><tt:Name>${token}</tt:Name>` +
    '<tt:VideoSourceConfiguration token="source"><tt:Name>source</tt:Name><tt:UseCount>2</tt:UseCount>' +
    `<tt:SourceToken>sensor</tt:SourceToken><tt:Bounds x="0" y="0" width="${width}" height="${height}"/></tt:VideoSourceConfiguration>` +
    `<tt:VideoEncoderConfiguration token="encoder-${token}"><tt:Name>${token}</tt:Name><tt:UseCount>1</tt:UseCount>` +
    `<tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>${wide}</tt:Width><tt:Height>${high}</tt:Height></tt:Resolution>` +
    '<tt:Quality>4</tt:Quality><tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit>' +
    '<tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl>' +
    '<tt:H264><tt:GovLength>50</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264>' +
    '<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address>' +
    '<tt:Port>0</tt:Port><tt:TTL>1</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>' +
    '<tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:VideoEncoderConfiguration></trt:Profiles>'
  )
}

function requireProfile(body: string): string {
  const token = textOf(body, 'ProfileToken') ?? ''
  if (token !== 'main' && token !== 'sub') throw new Refusal('NoProfile', 'The requested profile does not exist.')
  return token
}

function mediaUri(uri: string): string {
  return (
    `<trt:MediaUri><tt:Uri>${escapeXml(uri)}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>` +
    '<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri>'
  )
}

function requireRecording({ recording }: CameraState): void {
  if (recording === 'unsupported') throw new Refusal('ActionNotSupported', 'Optional action not implemented')
}

function vector({ pan, tilt, zoom }: PtzPosition): string {
  return `<tt:PanTilt x="${pan}" y="${tilt}"/><tt:Zoom x="${zoom}"/>`
}
