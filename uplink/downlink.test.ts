import { describe, expect, it } from 'vitest'
import { parseDownlink } from './downlink.ts'

const parse = (channel: 'config' | 'command', text: string) => parseDownlink(channel, Buffer.from(text))

describe('downlink', () => {
  it('reads a configuration, with its payload and its digest', () => {
    expect(parse('config', '{"cadence_s": 2.5}')).toEqual({
      kind: 'config',
      read: { config: { schema: 1, revision: 0, cadence_s: 2.5 } },
      payload: '{"cadence_s": 2.5}',
      digest: '6351cb1d2d381c5b7312b17883c69852d1238f6619bd722a9114dd1a77e77d0c',
    })
  })

  it('reads the end of a configuration', () => {
    expect(parse('config', '')).toMatchObject({ read: { config: { revision: 0 } }, digest: '' })
  })

  it.each(['{"cadence_s": 0}', '{"cadence_s": 1e9}', '{"cadence_s": "1"}', '{"cadence": 1}', 'x', '[]', 'null'])(
    'refuses config %s',
    (text) => {
      expect(parse('config', text)).toMatchObject({ kind: 'config', read: { revision: 0, reason: expect.any(String) } })
    },
  )

  it('reads commands, and ignores unknown ones', () => {
    expect(parse('command', '{"command":"collect"}')).toEqual({ kind: 'command', command: { command: 'collect' } })
    expect(parse('command', '{"command":"reboot"}')).toEqual({ kind: 'ignored', why: 'unknown command' })
    expect(parse('command', '{"command":"reboot","id":"a1"}')).toMatchObject({ kind: 'ignored', id: 'a1' })
    expect(parse('command', '').kind).toBe('ignored')
  })
})
