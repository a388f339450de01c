import { IocError } from '@ioc/contract/errors.ts'
import { type CameraType, cameraTypes, type NewCamera } from '../cameras/camera-file.ts'

const texts = ['name', 'title', 'type', 'onvif', 'stream', 'snapshot', 'username', 'password'] as const
const numbers = ['lat', 'lon'] as const
const known: readonly string[] = [...texts, ...numbers]

/** Longest list that is read, in lines. */
const maxLines = 10_000

/**
 * Reads a list of cameras: a header with names of columns, and a line a camera. Columns are separated by commas, semicolons
 * or tabs, as spreadsheets write them.
 * @throws IocError CAMERAS_INVALID naming the line
 */
export function readCameraCsv(text: string): NewCamera[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  if (lines.length > maxLines) throw new IocError('CAMERAS_INVALID', `the list has more than ${maxLines} lines`)
  const [first = '', ...rows] = lines
  const separator = [';', '\t'].find((one) => first.includes(one)) ?? ','
  const columns = splitRow(first, separator).map((name) => name.toLowerCase())
  const unknown = columns.find((name) => !known.includes(name))
  if (unknown !== undefined || !columns.includes('name')) {
    const what = unknown === undefined ? 'the column name is missing' : `unknown column ${JSON.stringify(unknown)}`
    throw new IocError('CAMERAS_INVALID', `line 1: ${what}; columns are ${known.join(', ')}`)
  }
  return rows.flatMap((row, index) => {
    if (row.trim() === '') return []
    const cells = splitRow(row, separator)
    if (cells.length > columns.length) throw invalid(index, 'more cells than columns')
    const values = Object.fromEntries(columns.map((name, at) => [name, cells[at] ?? '']))
    return [cameraOf(values, index)]
  })
}

function cameraOf(values: Readonly<Record<string, string>>, index: number): NewCamera {
  const type = (values['type'] || 'camera') as CameraType
  if (!cameraTypes.includes(type)) throw invalid(index, `type must be one of ${cameraTypes.join(', ')}`)
  const given = texts.filter((name) => name !== 'type' && (values[name] ?? '') !== '')
  const places = numbers.flatMap((name) => {
    // A spreadsheet in Vietnamese writes a comma.
    const cell = (values[name] ?? '').replace(',', '.')
    if (cell === '') return []
    if (!Number.isFinite(Number(cell))) throw invalid(index, `${name} must be a number`)
    return [[name, Number(cell)] as const]
  })
  const rest = Object.fromEntries([...given.map((name) => [name, values[name]]), ...places])
  return { name: '', ...rest, type }
}

/** Cells may be in double quotes, with a quote within doubled. */
function splitRow(row: string, separator: string): string[] {
  const cells: string[] = []
  let cell = ''
  let isQuoted = false
  for (let at = 0; at < row.length; at++) {
    const letter = row[at]
    if (letter === '"' && isQuoted && row[at + 1] === '"') {
      cell += '"'
      at += 1
    } else if (letter === '"') isQuoted = !isQuoted
    else if (letter === separator && !isQuoted) {
      cells.push(cell.trim())
      cell = ''
    } else cell += letter
  }
  return [...cells, cell.trim()]
}

function invalid(index: number, what: string): IocError {
  return new IocError('CAMERAS_INVALID', `line ${index + 2}: ${what}`)
}
