import type { CameraNotice } from '../onvif/pull-point.ts'
import { vendors } from '../vendors/table.ts'
import type { EventKind, TopicRule } from './topic-rule.ts'

/** Topics of ONVIF and of vendors, the most exact first. Each vendor has names of its own, which no other uses otherwise. */
const rules: readonly TopicRule[] = [
  ...vendors.flatMap(({ topics = [] }) => topics),
  { topic: /FieldDetector\/ObjectsInside$/, kind: 'intrusion', flags: ['IsInside'] },
  { topic: /LineDetector\/Crossed$/, kind: 'line_crossing', flags: [] },
  {
    topic: /(CellMotionDetector|TamperDetector)\/(Tamper|TamperDetect)$/,
    kind: 'tamper',
    flags: ['IsTamper', 'State'],
  },
  { topic: /VideoSource\/GlobalSceneChange\//, kind: 'tamper', flags: ['State'] },
  { topic: /VideoSource\/MotionAlarm$/, kind: 'motion', flags: ['State'] },
  { topic: /MotionRegionDetector\/Motion$/, kind: 'motion', flags: ['State'] },
  { topic: /CellMotionDetector\/Motion$/, kind: 'motion', flags: ['IsMotion', 'State'] },
  { topic: /(CrowdDetection|CrowdDensity|Crowd)$/i, kind: 'crowd', flags: ['State', 'IsCrowd'] },
  {
    topic: /(SmokeDetection|FireDetection|SmokeAndFire|SmokeDetect|FireDetect)$/i,
    kind: 'smoke',
    flags: ['State', 'IsSmoke', 'IsFire'],
  },
]

export interface CameraEvent {
  readonly kind: EventKind
  /** Topic and source, as one: each has a state of its own. */
  readonly property: string
  /** Undefined where a message is an event by itself. */
  readonly on: boolean | undefined
}

/** What a message means; undefined where it means nothing to the centre. */
export function eventOf({ topic, source, data }: CameraNotice): CameraEvent | undefined {
  const rule = rules.find((one) => one.topic.test(topic))
  if (!rule) return undefined
  const property = `${topic} ${Object.values(source).join(' ')}`
  const values = rule.flags.flatMap((name) => data[name] ?? [])
  if (values.length === 0) return { kind: rule.kind, property, on: undefined }
  return { kind: rule.kind, property, on: values.some((value) => /^(true|1)$/i.test(value)) }
}

/** Whether the camera reports its own restart: the time of the last one; '' where it does not know it, as before its clock is set. */
export function rebootOf({ topic, data }: CameraNotice): string | undefined {
  if (!/Monitoring\/OperatingTime\/LastReboot$/.test(topic)) return undefined
  const stated = data['Status'] ?? Object.values(data)[0] ?? ''
  return Number.isNaN(Date.parse(stated)) ? '' : stated
}
