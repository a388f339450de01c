import { describe, expect, it } from 'vitest'
import { parseDownlink } from './downlink.ts'

const parse = (channel: 'config' | 'command', text: string) => parseDownlink(channel, Buffer.from(text))

describe('downlink', () => {
  it('reads a cadence', () => {
    expect(parse('config', '{"cadence_s": 2.5}')).toEqual({ kind: 'cadence', ms: 2500 })
  })

  it('goes back to the own cadence when the config is deleted or empty', () => {
    expect(parse('config', '')).toEqual({ kind: 'cadence', ms: undefined })
    expect(parse('config', '{}')).toEqual({ kind: 'cadence', ms: undefined })
  })

  it.each(['{"cadence_s": 0}', '{"cadence_s": 1e9}', '{"cadence_s": "1"}', '{"cadence": 1}', 'x', '[]', 'null'])(
    'ignores config %s',
    (text) => {
      expect(parse('config', text).kind).toBe('ignored')
    },
  )

  it('reads the command to collect, and ignores others', () => {
    expect(parse('command', '{"command":"collect"}')).toEqual({ kind: 'collect' })
    expect(parse('command', '{"command":"reboot"}').kind).toBe('ignored')
    expect(parse('command', '').kind).toBe('ignored')
  })
})
