import { isActive } from '@ioc/contract/messages/incidents.ts'
import { describe, expect, test } from 'vitest'
import { minute, siteOf, Watch } from './testing/watch.ts'

/** A pole with four cameras behind one switch, which a bridge reports as their node. */
const pole = () => new Watch(siteOf('pole-1', 4))
const camera = (n: number) => `device/pole-1/d${n}` as const
const active = ({ state }: Watch) =>
  [...state.incidents.values()]
    .filter(isActive)
    .map(({ cause, title, severity }) => ({ cause, title: title.vi, severity }))

describe('incidents about cameras', () => {
  test.each([
    ['login_rejected', 'Sai mật khẩu camera d1 (pole-1)', 'medium'],
    ['frozen', 'Hình camera bị đứng d1 (pole-1)', 'medium'],
    ['covered', 'Camera bị che d1 (pole-1)', 'medium'],
    ['another_camera', 'Camera khác trả lời tại địa chỉ này d1 (pole-1)', 'medium'],
    ['clock_unsynchronized', 'Camera bật NTP nhưng không đồng bộ được giờ d1 (pole-1)', 'low'],
    ['clock_zone', 'Camera đặt sai múi giờ d1 (pole-1)', 'low'],
    ['not_recording', 'Camera không ghi hình d1 (pole-1)', 'medium'],
    ['constructor', 'Thiết bị hoạt động không bình thường d1 (pole-1)', 'medium'],
    ['__proto__', 'Thiết bị hoạt động không bình thường d1 (pole-1)', 'medium'],
    ['a reason of a later version', 'Thiết bị hoạt động không bình thường d1 (pole-1)', 'medium'],
  ])('have the reason %s as their title', (reason, title, severity) => {
    const watch = pole().observe(camera(1), reason, { aspect: 'condition' }).pass(minute)
    expect(active(watch)).toEqual([{ cause: camera(1), title, severity }])
    watch.observe(camera(1), null, { aspect: 'condition' }).pass(minute)
    expect(active(watch)).toEqual([])
  })

  test('are one of a camera whose reason changes, and its title follows', () => {
    const watch = pole().observe(camera(1), 'covered', { aspect: 'condition' }).pass(minute)
    watch.observe(camera(1), 'frozen', { aspect: 'condition' }).pass(minute)
    expect(active(watch)).toEqual([{ cause: camera(1), title: 'Hình camera bị đứng d1 (pole-1)', severity: 'medium' }])
    expect(watch.state.incidents.size).toBe(1)
  })

  test('notify again where the reason is worse', () => {
    const watch = pole().observe(camera(1), 'clock_zone', { aspect: 'condition' }).pass(minute)
    watch.observe(camera(1), 'covered', { aspect: 'condition' }).pass(minute)
    expect(watch.sent.map(({ kind }) => kind)).toContain('worsened')
  })

  test('that does not answer have that as their title', () => {
    const watch = pole()
      .observe(camera(1), 'no_answer')
      .pass(2 * minute)
    expect(active(watch)).toEqual([
      { cause: camera(1), title: 'Camera không phản hồi d1 (pole-1)', severity: 'medium' },
    ])
  })

  test.each([
    ['silent', 'silent'],
    ['not answering', 'no_answer'],
  ])('are one of the pole where its switch is gone and its four cameras are %s', (_, state) => {
    const watch = pole()
    for (const n of [1, 2, 3, 4]) watch.observe(camera(n), state)
    watch.pass(2 * minute)
    const [only, ...others] = active(watch)
    expect(others).toEqual([])
    expect(only?.cause).toBe('node/pole-1/n1')
  })

  test('are none of a condition while the camera itself is gone', () => {
    const watch = pole()
      .observe(camera(1), 'silent')
      .observe(camera(1), 'frozen', { aspect: 'condition' })
      .pass(2 * minute)
    expect(active(watch).map(({ title }) => title)).toEqual(['Thiết bị không gửi số liệu d1 (pole-1)'])
  })
})

describe('what a person reports', () => {
  const report = (text: string, state = 'smoke') =>
    ({ kind: 'report', by: 'lan', thing: camera(1), state, where: 'hướng 135°', text }) as const

  test.each([
    ['smoke', 'Phát hiện khói từ d1 (pole-1)', 'critical'],
    ['fire', 'Phát hiện lửa từ d1 (pole-1)', 'critical'],
    ['other', 'Trực ban báo cáo từ d1 (pole-1)', 'high'],
  ])('opens an incident of %s at once, also of a camera that is gone since', (state, title, severity) => {
    const watch = pole().do(report('tiểu khu 12', state))
    expect(active(watch)).toEqual([{ cause: camera(1), title, severity }])
    expect(watch.sent.map(({ kind }) => kind)).toEqual(['opened'])
    const [incident] = [...watch.state.incidents.values()]
    expect(incident?.timeline.find(({ what }) => what === 'noted')).toMatchObject({
      by: 'lan',
      text: 'hướng 135°. tiểu khu 12',
    })
    watch.observe(camera(1), 'silent').pass(2 * minute)
    expect(active(watch)).toContainEqual({ cause: camera(1), title, severity })
  })

  test('again is added to the incident, and whoever was notified is again', () => {
    const watch = pole().do(report('một')).do(report('hai'))
    expect(watch.state.incidents.size).toBe(1)
    const [incident] = [...watch.state.incidents.values()]
    expect(incident?.timeline.flatMap(({ what, text }) => (what === 'noted' ? [text] : []))).toEqual([
      'hướng 135°. một',
      'hướng 135°. hai',
    ])
    expect(watch.sent.map(({ kind }) => kind)).toEqual(['opened', 'updated'])
  })

  test.each(['other', 'smoke'])('as fire after %s is a fire, and stays one', (before) => {
    const watch = pole().do(report('một', before)).do(report('hai', 'fire')).do(report('ba', 'other'))
    expect(active(watch)).toMatchObject([{ title: 'Phát hiện lửa từ d1 (pole-1)', severity: 'critical' }])
    expect(watch.state.incidents.size).toBe(1)
  })

  test('opens an incident while the camera is maintained', () => {
    const watch = pole()
    const times = { from: watch.now, to: watch.now + 60 * minute }
    const window = { id: 'w', reason: 'bảo trì', by: 'lan', covers: { sites: ['pole-1'] }, ...times }
    watch
      .do({ kind: 'maintain', by: 'lan', window })
      .observe(camera(1), 'covered', { aspect: 'condition' })
      .pass(minute)
    expect(active(watch)).toEqual([])
    expect(active(watch.do(report('một')))).toHaveLength(1)
  })

  test('soon after a person resolved the one before notifies again, with the new report', () => {
    const watch = pole().do(report('một', 'other')).do({ kind: 'resolve', by: 'lan', id: 1 }).pass(minute)
    watch.do(report('hai', 'fire'))
    expect(active(watch)).toMatchObject([{ title: 'Phát hiện lửa từ d1 (pole-1)', severity: 'critical' }])
    expect(watch.sent.filter(({ kind }) => kind === 'opened')).toHaveLength(2)
    const [incident] = [...watch.state.incidents.values()]
    expect(incident?.timeline.flatMap(({ text = '' }) => (text.endsWith('hai') ? [text] : []))).toHaveLength(1)
  })

  test('lasts until a person resolves it, over a restart too', () => {
    const watch = pole()
      .do(report('một'))
      .pass(10 * minute)
      .restart()
      .pass(minute)
    expect(active(watch)).toHaveLength(1)
    watch.do({ kind: 'resolve', by: 'lan', id: 1 }).pass(30 * minute)
    expect(active(watch)).toEqual([])
    expect(watch.state.problems.size).toBe(0)
    expect(watch.do(report('hai')) && active(watch)).toHaveLength(1)
  })
})
