import type { CameraNotice } from '../onvif/pull-point.ts'

/** What events are counted as. */
export const eventKinds = ['motion', 'tamper', 'line_crossing', 'intrusion', 'crowd', 'smoke'] as const
export type EventKind = (typeof eventKinds)[number]

/** A class of topics, with or without a flag that is true while it lasts. */
interface TopicRule {
  readonly topic: RegExp
  readonly kind: EventKind
  /** Names of the data item that is true while it lasts; without one, each message is an event. */
  readonly flags: readonly string[]
}

/** Topics of ONVIF and of vendors, the most exact first. */
const rules: readonly TopicRule[] = [
  { topic: /FieldDetector\/ObjectsInside$/, kind: 'intrusion', flags: ['IsInside'] },
  { topic: /CellMotionDetector\/Intrusion$/, kind: 'intrusion', flags: ['IsIntrusion', 'State'] },
  { topic: /LineDetector\/Crossed$/, kind: 'line_crossing', flags: [] },
  { topic: /CellMotionDetector\/LineCross$/, kind: 'line_crossing', flags: ['IsLineCross', 'State'] },
  { topic: /TPSmartEventDetector\/TPSmartEvent$/, kind: 'motion', flags: ['IsPeople', 'IsVehicle', 'IsPet'] },
  {
    topic: /(CellMotionDetector|TamperDetector|MyRuleDetector)\/(Tamper|TamperDetect)$/,
    kind: 'tamper',
    flags: ['IsTamper', 'State'],
  },
  { topic: /VideoSource\/GlobalSceneChange\//, kind: 'tamper', flags: ['State'] },
  { topic: /VideoSource\/MotionAlarm$/, kind: 'motion', flags: ['State'] },
  { topic: /MotionRegionDetector\/Motion$/, kind: 'motion', flags: ['State'] },
  { topic: /CellMotionDetector\/(Motion|People)$/, kind: 'motion', flags: ['IsMotion', 'IsPeople', 'State'] },
  { topic: /MyRuleDetector\/(PeopleDetect|VehicleDetect|DogCatDetect|FaceDetect)$/, kind: 'motion', flags: ['State'] },
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

/** Whether the camera reports its own restart: the time of the last one. */
export function rebootOf({ topic, data }: CameraNotice): string | undefined {
  return /Monitoring\/OperatingTime\/LastReboot$/.test(topic) ? (data['Status'] ?? Object.values(data)[0]) : undefined
}
