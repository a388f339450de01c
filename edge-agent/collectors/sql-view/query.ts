import type { SqlViewOptions } from './kind.ts'

type Engine = SqlViewOptions['engine']

export interface Select {
  readonly engine: Engine
  readonly view: string
  readonly columns: readonly string[]
  readonly watermark: string | undefined
  /** Whether rows up to a watermark have been read: then the statement has one parameter. */
  readonly isLater: boolean
  readonly limit: number
}

/** The one statement that is sent. Names are quoted, and the watermark is a parameter: nothing of it is text of the user. */
export function selectText({ engine, view, columns, watermark, isLater, limit }: Select): string {
  const name = (text: string) => quote(engine, text)
  const from = view.split('.').map(name).join('.')
  const top = engine === 'sqlserver' ? `TOP (${limit}) ` : ''
  const where = watermark !== undefined && isLater ? ` WHERE ${name(watermark)} > ${parameter(engine)}` : ''
  const order = watermark === undefined ? '' : ` ORDER BY ${name(watermark)}`
  const end = engine === 'sqlserver' ? '' : ` LIMIT ${limit}`
  return `SELECT ${top}${columns.map(name).join(', ')} FROM ${from}${where}${order}${end}`
}

function quote(engine: Engine, name: string): string {
  switch (engine) {
    case 'postgresql':
      return `"${name.replaceAll('"', '""')}"`
    case 'mariadb':
      return `\`${name.replaceAll('`', '``')}\``
    case 'sqlserver':
      return `[${name.replaceAll(']', ']]')}]`
    default:
      return engine satisfies never
  }
}

function parameter(engine: Engine): string {
  switch (engine) {
    case 'postgresql':
      return '$1'
    case 'mariadb':
      return '?'
    case 'sqlserver':
      return '@watermark'
    default:
      return engine satisfies never
  }
}
