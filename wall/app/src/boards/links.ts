import { type Choice, choiceText, singleValues, variableQuery } from './variables.ts'

export interface LinkScope {
  readonly choices: readonly Choice[]
  /** Values of one copy of a repeated panel. */
  readonly scoped: Readonly<Record<string, string>>
  /** As the URL writes them. */
  readonly range: { readonly from: string; readonly to: string }
  /** What stands for all values of a variable, in words. */
  readonly all: string
}

const references = /\$\{([^}]+)\}|\$(\w+)|\[\[(\w+)\]\]/g

/** A URL of a board with variables, time range and labels put in, as Grafana does it. */
export function urlOf(url: string, scope: LinkScope, labels: Readonly<Record<string, string>> = {}): string {
  return url.replace(references, (whole, braced?: string, plain?: string, bracketed?: string) => {
    const name = braced ?? plain ?? bracketed ?? ''
    if (name === '__url_time_range') return new URLSearchParams(scope.range).toString()
    if (name === '__all_variables') return new URLSearchParams(variableQuery(scope.choices, scope.scoped)).toString()
    const label = /^__(?:field\.labels|data\.fields)(?:\.(\w+)|\["?([^"\]]+)"?\])$/.exec(name)
    if (label) return encodeURIComponent(labels[label[1] ?? label[2] ?? ''] ?? '')
    const [variable = '', format] = name.split(':')
    const choice = scope.choices.find((one) => one.variable.name === variable)
    if (!choice) return Object.hasOwn(labels, variable) ? encodeURIComponent(labels[variable] ?? '') : whole
    if (format === 'queryparam') {
      return new URLSearchParams(variableQuery([choice], scope.scoped)).toString()
    }
    const own = scope.scoped[variable]
    return (own === undefined ? choice.values : [own]).map(encodeURIComponent).join(',')
  })
}

/** A title or text with the variables as people read them. */
export function textOf(text: string, { choices, scoped, all }: Pick<LinkScope, 'choices' | 'scoped' | 'all'>): string {
  return text.replace(references, (whole, braced?: string, plain?: string, bracketed?: string) => {
    const [name = '', format] = (braced ?? plain ?? bracketed ?? '').split(':')
    const choice = choices.find((one) => one.variable.name === name)
    if (!choice) return whole
    const own = scoped[name]
    const shown = own === undefined ? choice : { ...choice, values: [own] }
    return format === 'raw' ? singleValues(shown).join(',') : choiceText(shown, all)
  })
}

/** The address of a board, or of one of its panels, with what is chosen and the time range: the same in Grafana. */
export function pathOf(
  uid: string,
  { choices, range }: Pick<LinkScope, 'choices' | 'range'>,
  viewPanel?: string,
): string {
  const chosen = new URLSearchParams([
    ...Object.entries({ from: range.from, to: range.to }),
    ...variableQuery(choices),
    ...(viewPanel === undefined ? [] : [['viewPanel', viewPanel]]),
  ])
  return `/d/${encodeURIComponent(uid)}?${chosen}`
}

/** A path of ours in Grafana; undefined where the centre has none. */
export const grafanaUrl = (grafana: string | null, path: string): string | undefined =>
  grafana === null ? undefined : `${grafana}${path}`
