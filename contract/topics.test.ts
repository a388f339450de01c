import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { groupTag, slugPattern } from './names.ts'
import {
  downChannels,
  indicatorTopic,
  livePrefix,
  nodeTopic,
  parseIndicatorTopic,
  parseNodeTopic,
  parseUsername,
  upChannels,
  username,
} from './topics.ts'

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

/** Any text that JSON can say, halves of surrogate pairs too. */
const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) })

describe('topics of indicators', () => {
  const place = fc.oneof(
    fc.tuple(
      fc.constant('device' as const),
      fc.tuple(slug, slug).map(([site, device]) => `${site}/${device}`),
    ),
    fc.tuple(fc.constantFrom('site', 'area'), slug),
    fc.constant(['district', 'district'] as const),
  )

  test('what is built is parsed back, with a group of any text, in one segment', () => {
    fc.assert(
      fc.property(place, fc.option(anyText, { nil: undefined }), ([scope, key], group) => {
        const topic = indicatorTopic('pm25_1h', scope, key, group)
        expect(parseIndicatorTopic(topic)).toEqual({
          id: 'pm25_1h',
          scope,
          key,
          ...(group === undefined ? {} : { group: group.toWellFormed() }),
        })
        expect(topic.slice(livePrefix.length)).not.toMatch(/[+#\p{Cc}]/u)
      }),
    )
  })

  test('other topics are none', () => {
    for (const below of [
      'indicators',
      'indicator/a/planet/b',
      'indicator/a/constructor/b',
      'indicator/a/device/site',
      'indicator/a/device/site/device/group/more',
      'indicator/a/site/',
      'indicator/a/site/s/%E0%A4%A',
      'device/a/site/s',
    ])
      expect(parseIndicatorTopic(livePrefix + below)).toBeUndefined()
  })
})

test('the tag of a group is text that every store can say, and stays as it is', () => {
  fc.assert(
    fc.property(anyText, (group) => {
      const tag = groupTag(group)
      expect(tag).not.toMatch(/[\p{Cc}\\]/u)
      expect(tag.isWellFormed()).toBe(true)
      expect(tag).toHaveLength(group.length)
      expect(groupTag(tag)).toBe(tag)
    }),
  )
  for (const said of ['xe máy', 'a,b=c "d"', "it's", '+84/#']) expect(groupTag(said)).toBe(said)
})
