import { expect, test } from 'vitest'
import type { CameraNotice } from '../onvif/pull-point.ts'
import { EventCounter } from './event-counter.ts'
import { VehicleCounter } from './vehicle-counter.ts'

const minute = 60_000
const t0 = Date.parse('2026-11-03T08:00:00+07:00')

const counted = (rule: string, type: string, count: number, direction?: string): CameraNotice => ({
  topic: 'RuleEngine/CountAggregation/Counter',
  operation: 'Changed',
  source: { Rule: rule },
  data: { Count: String(count), ClassTypes: type, ...(direction === undefined ? {} : { Direction: direction }) },
  time: undefined,
})

test('counters become vehicles a minute, by line, direction and class', () => {
  const counter = new VehicleCounter('cam')
  expect(counter.drain(t0)).toEqual([])
  counter.take([
    counted('Đường 27', 'Motorcycle', 100, 'in'),
    counted('Đường 27', 'Car', 7, 'out'),
    counted('x', 'Human', 9),
  ])
  counter.take([counted('Đường 27', 'Motorcycle', 130, 'in'), counted('Đường 27', 'Car', 9, 'out')])
  counter.noteCheck(true)
  counter.noteCheck(false)
  expect(counter.drain(t0 + minute - 1)).toEqual([])
  const ts = t0 + minute
  expect(counter.drain(ts)).toEqual([
    {
      device: 'cam.duong-27-in',
      type: 'traffic',
      ts,
      values: { vehicle_class: 'motorbike', vehicles: 30, vehicles_total: 130, direction: 'in', quality_percent: 50 },
    },
    {
      device: 'cam.duong-27-out',
      type: 'traffic',
      ts: ts + 1,
      values: { vehicle_class: 'car', vehicles: 2, vehicles_total: 9, direction: 'out', quality_percent: 50 },
    },
  ])
})

test('a counter that begins again counts from zero, and crossings count one each', () => {
  const counter = new VehicleCounter('cam')
  counter.drain(t0)
  counter.take([
    counted('a', 'Truck', 50),
    counted('a', 'Truck', 55),
    counted('a', 'Truck', 3),
    counted('a', 'Truck', -1),
  ])
  const crossed: CameraNotice = {
    topic: 'RuleEngine/LineDetector/Crossed',
    operation: 'Changed',
    source: { Rule: 'b' },
    data: { ObjectId: '1', ClassTypes: 'Bus' },
    time: undefined,
  }
  counter.take([crossed, { ...crossed, operation: 'Initialized' }, crossed])
  expect(counter.drain(t0 + minute).map(({ device, values }) => [device, values['vehicles']])).toEqual([
    ['cam.a', 8],
    ['cam.b', 2],
  ])
})

const motion = (value: string, operation: CameraNotice['operation'] = 'Changed'): CameraNotice => ({
  topic: 'RuleEngine/CellMotionDetector/Motion',
  operation,
  source: { Rule: 'r' },
  data: { IsMotion: value },
  time: undefined,
})

test.each([
  ['RuleEngine/CellMotionDetector/Motion', { IsMotion: 'true' }, 'motion'],
  ['VideoSource/MotionAlarm', { State: '1' }, 'motion'],
  ['RuleEngine/FieldDetector/ObjectsInside', { IsInside: 'true' }, 'intrusion'],
  ['RuleEngine/TamperDetector/Tamper', { IsTamper: 'true' }, 'tamper'],
  ['VideoSource/GlobalSceneChange/ImagingService', { State: 'true' }, 'tamper'],
  ['RuleEngine/CellMotionDetector/LineCross', { IsLineCross: 'true' }, 'line_crossing'],
  ['RuleEngine/MyRuleDetector/PeopleDetect', { State: 'true' }, 'motion'],
] as const)('%s is counted once while it lasts', (topic, data, kind) => {
  const counter = new EventCounter()
  const notice = { ...motion('true'), topic, data }
  counter.take([notice, notice, notice], t0)
  expect(counter.drain().counts[kind]).toBe(1)
})

test('an event begins after an end, after a minute of silence, and not with the first state', () => {
  const counter = new EventCounter()
  counter.take([motion('true', 'Initialized'), motion('true')], t0)
  expect(counter.drain().counts.motion).toBe(0)
  counter.take([motion('false'), motion('true')], t0 + 1_000)
  counter.take([motion('true')], t0 + 62_000)
  expect(counter.drain().counts.motion).toBe(2)
  counter.lose()
  counter.take([motion('true', 'Initialized'), motion('true')], t0 + 63_000)
  expect(counter.drain().counts.motion).toBe(0)
})

test('a storm is counted up to a limit, and the rest as dropped', () => {
  const counter = new EventCounter()
  const crossing = { ...motion('x'), topic: 'RuleEngine/LineDetector/Crossed', data: { ObjectId: '1' } }
  counter.take(
    Array.from({ length: 500 }, () => crossing),
    t0,
  )
  counter.take([crossing], t0 + 1_000)
  expect(counter.drain()).toMatchObject({ counts: { line_crossing: 21 }, dropped: 480 })
})
