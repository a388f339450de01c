import { describe, expect, test } from 'vitest'
import { readNodeAnswer, readNodeCommand } from './node-command.ts'
import { maxConfigBytes, readNodeConfig } from './node-config.ts'
import { sealedText } from './sealed.ts'
import { parseStatus } from './status.ts'

const read = (config: unknown) =>
  readNodeConfig(Buffer.from(typeof config === 'string' ? config : JSON.stringify(config)))

describe('a configuration of a node', () => {
  test('is desired state with a revision', () => {
    const config = {
      schema: 1,
      revision: 7,
      cadence_s: 30,
      agent: { collectors: [{ type: 'system' }] },
      uplink: { url: 'mqtts://10.0.0.5:8883' },
      flows: { nodes: [{ id: 'a1', type: 'inject', x: 4 }], credentials: { a1: { password: 'p' } } },
      update: { version: '0.2.0', start: 'now' },
      accept_failing: true,
    }
    expect(read(config)).toEqual({ config })
  })

  test('in the old form has a cadence alone, and is revision 0', () => {
    expect(read({ cadence_s: 30 })).toEqual({ config: { schema: 1, revision: 0, cadence_s: 30 } })
    expect(read('{}')).toEqual({ config: { schema: 1, revision: 0 } })
  })

  test('that was removed is empty: the settings of the agent hold', () => {
    expect(read('')).toEqual({ config: { schema: 1, revision: 0 } })
  })

  test.each([
    ['of a newer schema', { schema: 2, revision: 8, engine: {} }, 8, /schema 2 is newer than this agent knows \(1\)/],
    [
      'with unknown settings',
      { revision: 3, cadence: 5, __proto: 1 },
      3,
      /"cadence": unknown setting; known settings: /,
    ],
    ['with a key of all objects', '{"revision":3,"__proto__":{"x":1},"constructor":1}', 3, /"__proto__": unknown/],
    ['with a revision that is no number', { revision: '7' }, 0, /revision: got "7"/],
    ['with a cadence out of bounds', { revision: 1, cadence_s: 0 }, 1, /cadence_s: got 0; expected a number from 0.05/],
    ['with a broker that is no URL', { revision: 1, uplink: { url: 'http://x' } }, 1, /uplink.url: got "http:/],
    [
      'with an unknown setting of the uplink',
      { revision: 1, uplink: { password: 'x' } },
      1,
      /uplink.password: unknown/,
    ],
    [
      'with an authority that is none',
      { revision: 1, uplink: { ca: 'x' } },
      1,
      /uplink.ca: expected certificates in PEM/,
    ],
    ['with a password of the broker', { revision: 1, uplink: { url: 'mqtts://a:secret@h' } }, 1, /^((?!secret).)*own$/],
    ['with flows that are a list', { revision: 1, flows: [] }, 1, /flows: got a list of 0/],
    ['with a flow node without a type', { revision: 1, flows: { nodes: [{ id: 'a' }] } }, 1, /flows.nodes\[0\]/],
    ['with an update without a version', { revision: 1, update: {} }, 1, /update: got an object/],
    [
      'with an update at a time that is none',
      { revision: 1, update: { version: '1.0.0', start: 'soon' } },
      1,
      /update.start/,
    ],
    ['with a roll-out that is no text', { revision: 1, update: { version: '1.0.0', rollout: 7 } }, 1, /update.rollout/],
    [
      'with a long roll-out',
      { revision: 1, update: { version: '1.0.0', rollout: 'x'.repeat(65) } },
      1,
      /update.rollout/,
    ],
    ['that is a list', [1], 0, /not a JSON object/],
    ['that is not JSON', '{"revision":', 0, /not a JSON object/],
    ['that is nested too deep', `${'['.repeat(300_000)}${']'.repeat(300_000)}`, 0, /at most 40 levels/],
    ['that is too long', `{"agent":{"x":"${'x'.repeat(maxConfigBytes)}"}}`, 0, /bytes; expected at most/],
  ])('%s is refused with the reason', (_, config, revision, reason) => {
    const answer = read(config)
    expect(answer.config).toBeUndefined()
    expect(answer).toEqual({ revision, reason: expect.stringMatching(reason) })
  })

  test('may have brackets in its texts', () => {
    const nodes = [{ id: 'a', type: 'function', func: `"${'[{'.repeat(100)}\\` }]
    expect(read({ revision: 1, flows: { nodes } }).config?.flows?.nodes).toEqual(nodes)
  })
})

describe('a command to a node', () => {
  const sealed = sealedText(2, new Uint8Array(90))
  const readCommand = (command: unknown) => readNodeCommand(Buffer.from(JSON.stringify(command)))

  test.each([
    [{ command: 'collect' }, undefined],
    [{ command: 'collect', id: 'a1' }, undefined],
    [{ command: 'notice', code: 'X', reason: 'y' }, undefined],
    [
      { command: 'logs', id: 'a1' },
      { command: 'logs', id: 'a1', lines: 200, level: 'info' },
    ],
    [{ command: 'open-editor', id: 'a1', expires: 5, minutes: 10, password: sealed }, undefined],
    [{ command: 'rotate', id: 'a1', expires: 5, password: sealed }, undefined],
  ])('%j is read', (command, read) => expect(readCommand(command)).toEqual({ command: read ?? command }))

  test.each([
    [{ command: 'reboot', id: 'a1' }, /unknown command/],
    [{ command: 'logs' }, /id: got nothing/],
    [{ command: 'logs', id: 'a b' }, /id: got "a b"/],
    [{ command: 'logs', id: 'a', lines: 1e6 }, /lines: expected/],
    [{ command: 'rotate', id: 'a', expires: 5, password: 'plain' }, /password: expected a sealed text/],
    [{ command: 'rotate', id: 'a', password: sealed }, /expires: expected/],
    [{ command: 'open-editor', id: 'a', expires: 5, minutes: 1e4, password: sealed }, /minutes: expected/],
    [{ command: 'open-editor', id: 'a', expires: 5, minutes: 10 }, /password: expected/],
  ])('%j is refused with the reason', (command, reason) => expect(readCommand(command).reason).toMatch(reason))

  test('is answered with what the node returns, bounded', () => {
    const lines = Array.from({ length: 1000 }, (_, n) => `${n} ${'x'.repeat(1000)}`)
    const answer = readNodeAnswer(
      Buffer.from(JSON.stringify({ id: 'a', command: 'logs', ok: true, lines, left_out: 3 })),
    )
    expect(answer?.lines?.length).toBe(500)
    expect(answer?.lines?.[499]).toHaveLength(500)
    expect(answer?.left_out).toBe(3)
    expect(readNodeAnswer(Buffer.from('{"id":1}'))).toBeUndefined()
    expect(readNodeAnswer(Buffer.from('['))).toBeUndefined()
  })
})

test('a birth reports the configuration, the flows, the update and the key; an unreadable report does not lose the others', () => {
  const birth = {
    ...{ online: true, session: 1, agent: { version: '1', host: 'h' }, devices: [] },
    config: { revision: 7, digest: 'ab', state: 'failed', reason: 'x', in_force: 6, at: 5, schema: 1 },
    flows: { state: 'running' },
    update: { version: '2', state: 'done', at: 5 },
    seal_key: { public: 'abc' },
  }
  expect(parseStatus(Buffer.from(JSON.stringify(birth)))).toEqual(birth)
  const { config: _, ...others } = birth
  expect(parseStatus(Buffer.from(JSON.stringify({ ...birth, config: { state: 'odd' } })))).toEqual(others)
})
