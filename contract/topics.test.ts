import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { slugPattern } from './names.ts'
import { downChannels, nodeTopic, parseNodeTopic, parseUsername, upChannels, username } from './topics.ts'

const slug = fc.stringMatching(new RegExp(slugPattern))
const channel = fc.constantFrom(...upChannels, ...downChannels)
const hostile = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '',
    '#',
    '+',
    'a/b',
    'a b',
    '"',
    "a'b",
    'a\nb',
    'a,b=c',
    '_live',
    '.hidden',
    '-x',
    'ạ',
    'x'.repeat(65),
  ),
)

describe('topics', () => {
  test('what is built is parsed back', () => {
    fc.assert(
      fc.property(slug, slug, channel, (site, node, to) => {
        expect(parseNodeTopic(nodeTopic({ site, node }, to))).toEqual({ site, node, channel: to })
        expect(parseUsername(username({ site, node }))).toEqual({ site, node })
      }),
    )
  })

  test('what is parsed is built back: no other text is a topic', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 8 }), (parts) => {
        const text = `ioc/v1/${parts.join('/')}`
        const parsed = parseNodeTopic(text)
        if (parsed) expect(nodeTopic(parsed, parsed.channel)).toBe(text)
      }),
    )
  })

  test('names that could mean something else are refused', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        fc.pre(!new RegExp(slugPattern).test(name))
        expect(() => nodeTopic({ site: name, node: 'n' }, 'telemetry')).toThrow(
          expect.objectContaining({ code: 'NAME_INVALID' }),
        )
        expect(() => parseUsername(`s/${name}`)).toThrow(expect.objectContaining({ code: 'NAME_INVALID' }))
        expect(parseNodeTopic(`ioc/v1/s/${name}/telemetry`)).toBeUndefined()
      }),
    )
  })
})
