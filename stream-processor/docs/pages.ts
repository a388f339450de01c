import { findCaseType } from '@ioc/contract/case-types/table.ts'
import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import type { Target } from '@ioc/contract/district/targets.ts'
import type { Domain } from '../indicators/table.ts'
import { both, sayBands, sayLevels, sayScopes, sayWindow, type Words } from '../indicators/words.ts'

/** A value of the simulated district for each indicator, by id. */
export type Examples = Readonly<Record<string, Example>>

export interface Example {
  readonly value: number
  /** Whose value it is: `site/device`, a site, the code of an area or `district`; and the group, where there is one. */
  readonly key: string
  readonly group?: string
}

type Declared = Domain['indicators'][number]

/** What the pages say beside the declarations. */
export interface Beside {
  readonly examples: Examples
  readonly targets: readonly Target[]
}

/** The pages of the indicators by file name: an index, and one for each domain. */
export function pagesOf(domains: readonly Domain[], beside: Beside): ReadonlyMap<string, string> {
  const pages = domains.map((domain) => [`${domain.id}.md`, pageOf(domain, domains, beside)] as const)
  return new Map([['README.md', indexOf(domains)], ...pages])
}

function indexOf(domains: readonly Domain[]): string {
  const rows = domains.map(({ id, title, indicators }) => [`[${both(title)}](${id}.md)`, `${indicators.length}`])
  const total = domains.reduce((sum, { indicators }) => sum + indicators.length, 0)
  return `# Chỉ số · Indicators

Trang này và các trang theo lĩnh vực được tạo từ khai báo trong \`stream-processor/indicators/\` bằng \`npm run docs\`. Thời
điểm của một giá trị là lúc kết thúc khoảng thời gian tính; ngày, tháng, quý, năm kết thúc lúc 0 giờ theo giờ Việt Nam. Phần
ghi **chưa xác nhận** phải được kiểm chứng trước khi sử dụng.

\`npm run docs\` generates this page and a page for each domain from the declarations in \`stream-processor/indicators/\`. The
timestamp of a value is the end of its window; calendar windows end at midnight in Asia/Ho_Chi_Minh. Verify **unconfirmed**
parts before you rely on a value. \`ioc explain ID --at TIME --key KEY\` shows how a value was computed.

${table(['Lĩnh vực · Domain', `Chỉ số · Indicators (${total})`], rows)}
`
}

function pageOf({ title, indicators }: Domain, domains: readonly Domain[], beside: Beside): string {
  const texts = indicators.map((indicator) => indicatorText(indicator, domains, beside))
  return `${[`# ${both(title)}`, ...texts].join('\n\n')}\n`
}

function indicatorText(indicator: Declared, domains: readonly Domain[], { examples, targets }: Beside): string {
  const { id, title, about, unit, window, scopes, by, levels, bands, target, formula, reference, unconfirmed } =
    indicator
  const rows = [
    ['Đơn vị · Unit', `\`${unit}\``],
    ['Khoảng thời gian · Window', both(sayWindow(window))],
    ['Phạm vi · Scopes', both(sayScopes(scopes))],
    ['Phân theo · Grouped by', by && groupText(indicator, by)],
    ['Nguồn số liệu · Source', sourceText(indicator, domains)],
    ['Công thức · Formula', formula],
    ['Ngưỡng · Levels', levels && both(sayLevels(levels))],
    ['Mức · Bands', bands && both(sayBands(bands))],
    ['Chỉ tiêu · Target', target?.toString() ?? targetsText(targets.filter((one) => one.indicator === id))],
    ['Căn cứ · Reference', reference],
    ['**Chưa xác nhận · Unconfirmed**', unconfirmed && both(unconfirmed)],
    ['Ví dụ · Example', examples[id] && exampleText(examples[id], unit)],
  ].flatMap(([name = '', text]) => (text === undefined ? [] : [[name, text]]))
  return [`## ${id}`, `**${title.vi}** · ${title.en}`, about.vi, about.en, table(['', ''], rows)].join('\n\n')
}

function sourceText(indicator: Declared, domains: readonly Domain[]): string {
  if (indicator.kind === 'completeness') return both({ vi: 'danh sách thiết bị', en: 'the registry of devices' })
  if (indicator.kind === 'watch') return both({ vi: 'các sự cố', en: 'the incidents' })
  if (indicator.kind === 'cases') return titled(findCaseType(indicator.source)?.title, indicator.source)
  if (indicator.kind === 'measured') return titled(findDeviceType(indicator.source)?.title, indicator.source)
  return Object.values(indicator.inputs)
    .map(({ indicator: input, values }) => `${values === 1 ? '' : `${values} × `}${linkTo(input.id, domains)}`)
    .join(', ')
}

function groupText({ kind, source }: Declared, by: string): string {
  const declared = kind === 'cases' ? findCaseType(source)?.attributes : findDeviceType(source)?.metrics
  return titled(declared?.[by]?.title, by)
}

const titled = (title: Words | undefined, id: string): string => (title ? `${both(title)} (\`${id}\`)` : `\`${id}\``)

/** Inputs that are no indicator of their own have no page. */
function linkTo(id: string, domains: readonly Domain[]): string {
  const domain = domains.find(({ indicators }) => indicators.some((one) => one.id === id))
  return domain ? `[${id}](${domain.id}.md#${id})` : id
}

/** As `district/targets.yaml` sets them: `98 (xã · area, 2026)`. */
function targetsText(targets: readonly Target[]): string | undefined {
  if (targets.length === 0) return undefined
  const text = ({ value, scope, key, period }: Target) => {
    const place = key === undefined ? both(sayScopes([scope])) : `\`${key}\``
    return `${value} (${place}${period === undefined ? '' : `, ${period}`})`
  }
  return targets.map(text).join(', ')
}

function exampleText({ value, key, group }: Example, unit: string): string {
  const number = Number(value.toPrecision(6))
  return `${number}${unit === '1' ? '' : ` ${unit}`} (\`${key}\`${group === undefined ? '' : `, ${group}`})`
}

/** A table of Markdown; a bar in a cell would end it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
