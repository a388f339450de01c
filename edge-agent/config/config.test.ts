import { describe, expect, test } from 'vitest'
import { collectorKinds } from '../collectors/table.ts'
import { commonFields, parseConfig } from './config.ts'
import { jsonSchemaOf } from './json-schema.ts'

const errorsOf = async (text: string) =>
  (await parseConfig(text)).errors?.map(({ line, field, reason }) => `${line} ${field}: ${reason.en} | ${reason.vi}`)

describe('agent.yaml', () => {
  test('lists collectors; a collector is named by its type unless it has an id', async () => {
    const { config } = await parseConfig(
      'collectors:\n  - type: system\n  - { type: system, id: again, cadence_s: 60 }\n',
    )
    expect(config?.collectors.map(({ id, cadenceS, timeoutS }) => [id, cadenceS, timeoutS])).toEqual([
      ['system', undefined, 30],
      ['again', 60, 30],
    ])
  })

  test('each error has its line, its field, and a reason in both languages', async () => {
    const text = `collectors:
  - type: system
    cadence_s: soon
  - type: sytem
  - type: system
    port: 1
  - type: system
    id: dup
  - type: system
    id: dup
other: 1
`
    expect(await errorsOf(text)).toEqual([
      '11 other: unknown field; known fields: collectors, types | không có mục này',
      '3 collectors[0].cadence_s: expected a number from 0.05 to 2678400 s, got "soon" | cần số từ 0.05 đến 2678400 s, nhận được "soon"',
      expect.stringMatching(
        /^4 collectors\[1\]\.type: expected one of the types system.* \| cần một trong các loại: system/,
      ),
      '6 collectors[2].port: unknown field; known fields: type, id, cadence_s, timeout_s | không có mục này; các mục được dùng: type, id, cadence_s, timeout_s',
      '10 collectors[4].id: another collector is named dup | trùng tên dup',
    ])
  })

  test('what is not YAML, or has no collectors, is refused', async () => {
    expect((await errorsOf('collectors: ['))?.[0]).toMatch(/^1 : invalid YAML: .* \| sai cú pháp YAML: /)
    expect((await errorsOf('a: *b'))?.[0]).toMatch(/invalid YAML/)
    for (const text of ['', 'collectors: {}', 'collectors: []', '- type: system', 'just text']) {
      expect((await errorsOf(text))?.length).toBeGreaterThan(0)
    }
    expect((await errorsOf('x'.repeat(1_000_001)))?.length).toBe(1)
  })
})

test('no kind has an option under the name of a common one', () => {
  for (const { options } of collectorKinds) {
    expect(Object.keys(options.fields).filter((name) => Object.hasOwn(commonFields, name))).toEqual([])
  }
})

test('the options of every kind have a JSON Schema, and titles in both languages', () => {
  for (const kind of collectorKinds) {
    const text = JSON.stringify(jsonSchemaOf(kind.options))
    expect(JSON.parse(text)).toMatchObject({ type: 'object', additionalProperties: false })
    expect(kind.title.vi).not.toBe('')
  }
})
