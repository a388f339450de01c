import { cameraReasonTitles } from '@ioc/contract/device-types/camera-health.ts'
import type { Title } from '@ioc/contract/device-types/device-type.ts'
import {
  type Aspect,
  parseThing,
  type ReportState,
  type ThingId,
  type ThingKind,
  thingId,
} from '@ioc/contract/messages/incidents.ts'
import { parseIndicatorThing } from '@ioc/contract/topics.ts'
import { type Graph, parentsBeside } from './graph.ts'

/** What happened, without where. */
const lossTitles: Readonly<Record<string, Title>> = {
  device: { vi: 'Thiết bị không gửi số liệu', en: 'Device is silent' },
  node: { vi: 'Mất kết nối', en: 'Node is unreachable' },
  site: { vi: 'Mất kết nối trạm', en: 'Site is unreachable' },
  upstream: { vi: 'Mất kết nối các trạm qua', en: 'Sites are unreachable through' },
  centre: { vi: 'Trung tâm mất kết nối với các trạm', en: 'The centre cannot reach its sites' },
}
const neverHeard: Title = { vi: 'Thiết bị chưa từng gửi số liệu', en: 'Device has never sent data' }
const silentDevices: Title = {
  vi: 'Nhiều thiết bị không gửi số liệu, tại',
  en: 'Many devices are silent, at',
}
const otherTitles: Readonly<Record<Exclude<Aspect, 'loss'>, Title>> = {
  stuck: { vi: 'Số liệu không thay đổi', en: 'Values do not change' },
  railed: { vi: 'Cảm biến kịch thang', en: 'Sensor is at the end of its range' },
  clock: { vi: 'Đồng hồ thiết bị sai', en: 'Clock of the device is wrong' },
  level: { vi: 'Chỉ số vượt ngưỡng', en: 'Indicator is beyond its limit' },
  losses: { vi: 'Mất bản tin', en: 'Messages were lost' },
  stopped: { vi: 'Tiến trình của trung tâm đã dừng', en: 'Process of the centre has stopped' },
  cloned: { vi: 'Nghi có bản sao của trạm', en: 'Two machines seem to be the node' },
  condition: { vi: 'Thiết bị hoạt động không bình thường', en: 'Device does not work as it should' },
  reported: { vi: 'Trực ban báo cáo tình hình', en: 'An operator reports an observation' },
}
const reportTitles: Readonly<Record<ReportState, Title>> = {
  smoke: { vi: 'Phát hiện khói từ', en: 'Smoke seen from' },
  fire: { vi: 'Phát hiện lửa từ', en: 'Fire seen from' },
  other: { vi: 'Trực ban báo cáo từ', en: 'Reported from' },
}
const conditionTitles: Readonly<Record<string, Title>> = cameraReasonTitles

const channelFails: Title = { vi: 'Không gửi được tin qua kênh', en: 'Cannot send messages by' }
const channelExpires: Title = { vi: 'Cần cấp lại quyền cho kênh', en: 'Authorization expires soon of' }
const processProblems: Readonly<Record<string, Title>> = {
  restarting: {
    vi: 'Tiến trình của trung tâm khởi động lại liên tục',
    en: 'Process of the centre restarts again and again',
  },
  unresponsive: { vi: 'Tiến trình của trung tâm không phản hồi', en: 'Process of the centre does not respond' },
}
const flowsFail: Title = { vi: 'Luồng Node-RED bị lỗi tại trạm', en: 'Flows of Node-RED failed at' }
const collectorFails: Title = { vi: 'Không đọc được nguồn số liệu', en: 'Source cannot be read:' }
const diskFills: Title = { vi: 'Ổ đĩa của trung tâm thiếu chỗ trống', en: 'The disk of the centre is short of space' }
const certificateExpires: Title = { vi: 'Cần gia hạn chứng chỉ TLS', en: 'TLS certificate must be renewed:' }
const credentialExpires: Title = { vi: 'Cần gia hạn thông tin đăng nhập của trạm', en: 'Credential must be renewed of' }
const tokenExpires: Title = { vi: 'Cần gia hạn mã truy cập API', en: 'API token must be renewed:' }
const nobodyOnCall: Title = { vi: 'Không có người trực:', en: 'Nobody is on call:' }

/** Names of what is not in the graph. */
export interface Names {
  indicator(id: string): Title | undefined
  area(code: string): string | undefined
}

/** What an incident is called: what happened, and where. */
export function titleOf(thing: ThingId, aspect: Aspect, problem: string, graph: Graph, names: Names): Title {
  const { kind, key } = parseThing(thing)
  if (kind === 'indicator') return titleOfIndicator(thing, graph, names)
  const what = whatOf(kind, key, aspect, problem)
  const where = whereOf(thing, graph)
  return where === '' ? what : { vi: `${what.vi} ${where}`, en: `${what.en} ${where}` }
}

function whatOf(kind: ThingKind, key: string, aspect: Aspect, problem: string): Title {
  if (kind === 'channel') return problem === 'expiring' ? channelExpires : channelFails
  if (kind === 'rota') return nobodyOnCall
  if (kind === 'disk') return diskFills
  if (kind === 'certificate') return certificateExpires
  if (kind === 'credential') return key.startsWith('token/') ? tokenExpires : credentialExpires
  if (kind === 'process') return processProblems[problem] ?? otherTitles.stopped
  if (kind === 'node' && aspect === 'stopped') return flowsFail
  if (kind === 'collector') return collectorFails
  // A reason is a text of the device: also one that every object has a property of.
  if (aspect === 'condition')
    return (Object.hasOwn(conditionTitles, problem) ? conditionTitles[problem] : undefined) ?? otherTitles.condition
  if (aspect === 'reported') return reportTitles[problem as ReportState] ?? otherTitles.reported
  if (aspect !== 'loss') return otherTitles[aspect]
  if (problem === 'never_heard') return neverHeard
  if (problem === 'no_answer') return cameraReasonTitles.unreachable
  if (problem === 'children' && kind === 'node') return silentDevices
  return lossTitles[kind] ?? neverHeard
}

/** The name of a thing, with that of its site where it does not end with it, as names of cameras do. */
function whereOf(thing: ThingId, graph: Graph): string {
  const { kind, key } = parseThing(thing)
  if (kind === 'centre' || kind === 'disk') return ''
  const facts = graph.factsOf(thing)
  const name = facts.name ?? (kind === 'credential' ? key.slice(key.indexOf('/') + 1) : key)
  if (kind === 'device' || kind === 'node') {
    const site = facts.site === undefined ? undefined : graph.factsOf(thingId('site', facts.site)).name
    const isNamed = site === undefined || ` ${name}`.endsWith(` ${site}`)
    return isNamed ? name : `${name} (${site})`
  }
  return name
}

function titleOfIndicator(thing: ThingId, graph: Graph, names: Names): Title {
  const parsed = parseIndicatorThing(thing)
  if (!parsed) return otherTitles.level
  const { id, scope, key, group } = parsed
  const [beside] = parentsBeside(graph, thing)
  const place = beside ? whereOf(beside, graph) : scope === 'area' ? (names.area(key) ?? key) : ''
  const where = [place, group ?? ''].filter((part) => part !== '').join(', ')
  const title = names.indicator(id) ?? { vi: id, en: id }
  const after = where === '' ? '' : `: ${where}`
  return { vi: `${title.vi} vượt ngưỡng${after}`, en: `${title.en} beyond the limit${after}` }
}
