import { expect, test } from 'vitest'
import type { Board, Variable } from '../../shared/boards/board.ts'
import { LiveState } from '../live-state.ts'
import { chooseVariables, listChoices } from './variables.ts'

const variable = (part: Partial<Variable> & Pick<Variable, 'name'>): Variable => ({
  type: 'query',
  query: `SHOW TAG VALUES FROM "indicator" WITH KEY = "${part.name}" WHERE "id" = 'load_1h'`,
  multi: true,
  includeAll: true,
  allValue: '.*',
  ...part,
})
const board: Board = {
  uid: 'x',
  title: 'X',
  panels: [],
  templating: { list: [variable({ name: 'site' }), variable({ name: 'device', includeAll: false, multi: false })] },
}

/** The sources, and the statements that the store was asked. */
function sources() {
  const asked: string[] = []
  const read = async (statement: string) => {
    asked.push(statement)
    return [{ name: 'indicator', columns: ['key', 'value'], values: [['site', 's-1']] }]
  }
  return { asked, sources: { state: new LiveState(), read } }
}

test('what a request names, and all of them, need no list of the choices', async () => {
  const { asked, sources: from } = sources()
  const chosen = await chooseVariables(board, { 'var-site': '$__all', 'var-device': 'd-1' }, from)
  expect([...chosen]).toEqual([
    ['site', { values: [], isAll: true, allPattern: '.*' }],
    ['device', { values: ['d-1'], isAll: false }],
  ])
  expect(asked).toEqual([])
})

test('the first of the choices is taken where a request names none', async () => {
  const { asked, sources: from } = sources()
  const chosen = await chooseVariables(board, {}, from)
  expect(chosen.get('device')).toEqual({ values: ['s-1'], isAll: false })
  expect(asked).toHaveLength(1)
})

test('all of the choices are listed for the page', async () => {
  const { sources: from } = sources()
  const choices = await listChoices(board, {}, from)
  expect(Object.values(choices)).toEqual([[{ value: 's-1', text: 's-1' }], [{ value: 's-1', text: 's-1' }]])
})
