import { labelKey } from './labels.ts'
import { type DecimalMark, parseNumber } from './numbers.ts'
import type { ValueRule } from './options.ts'
import { conversion } from './units.ts'

export type Kind = 'string' | 'number' | 'boolean'
export type Value = string | number | boolean

/** Why a value cannot be used: for the log in English, for the user's file in Vietnamese. */
export interface Reason {
  readonly vi: string
  readonly en: string
}

export type Converted = { readonly value: Value } | { readonly reason: Reason }

/** Digits that a scaled number keeps: more are noise of binary fractions. */
const significantDigits = 12
/** Characters of a text that is sent, at most; the contract's limit. */
const maxText = 4_096
/** Characters of a raw value that a reason shows. */
const maxShown = 40

const trueWords = new Set(['true', '1', 'yes', 'y', 'on', 'x', 'co', 'dung', 'bat', 'online'])
const falseWords = new Set(['false', '0', 'no', 'n', 'off', 'khong', 'sai', 'tat', 'offline'])

/** Converts raw values of one source by its rule. @param unit the declared unit of the metric */
export function converter(
  rule: Partial<ValueRule>,
  kind: Kind | undefined,
  unit: string | undefined,
): (raw: unknown, mark: DecimalMark | undefined) => Converted {
  const words = rule.enum && new Map(Object.entries(rule.enum).map(([word, code]) => [labelKey(word), code]))
  const convert = (rule.unit !== undefined && unit !== undefined && conversion(rule.unit, unit)) || ((n: number) => n)
  const scaled = (raw: number): Converted => {
    const number = convert(raw * (rule.scale ?? 1) + (rule.offset ?? 0))
    return Number.isFinite(number)
      ? { value: Number(number.toPrecision(significantDigits)) }
      : failed(raw, 'không phải là số', 'not a number')
  }
  const isScaled = rule.scale !== undefined || rule.offset !== undefined || rule.decimal !== undefined
  return (raw, mark) => {
    if (words) {
      const code = words.get(labelKey(String(raw))) ?? rule.else
      return code === undefined
        ? failed(raw, 'không có trong danh sách enum', 'not listed in enum')
        : asKind(code, kind)
    }
    const wanted = kind ?? (isScaled || typeof raw === 'number' || typeof raw === 'bigint' ? 'number' : undefined)
    if (wanted !== 'number') return asKind(raw, wanted)
    if (typeof raw === 'number' || typeof raw === 'bigint' || typeof raw === 'boolean') return scaled(Number(raw))
    const number = typeof raw === 'string' ? parseNumber(raw, mark) : undefined
    if (number === 'ambiguous') {
      return failed(
        raw,
        'không rõ dấu thập phân; hãy đặt decimal: comma hoặc point',
        'ambiguous decimal mark; set decimal: comma or point',
      )
    }
    return number === undefined ? failed(raw, 'không phải là số', 'not a number') : scaled(number)
  }
}

function asKind(raw: unknown, kind: Kind | undefined): Converted {
  switch (kind) {
    case 'boolean': {
      const word = typeof raw === 'boolean' ? String(raw) : labelKey(String(raw))
      if (trueWords.has(word)) return { value: true }
      if (falseWords.has(word)) return { value: false }
      return failed(raw, 'không phải là có hoặc không', 'neither true nor false')
    }
    case 'number':
      return typeof raw === 'number' ? { value: raw } : failed(raw, 'không phải là số', 'not a number')
    case 'string':
      return asText(raw)
    case undefined:
      return typeof raw === 'boolean' || typeof raw === 'number' ? { value: raw } : asText(raw)
    default:
      return kind satisfies never
  }
}

function asText(raw: unknown): Converted {
  if (typeof raw === 'object' && raw !== null) return failed(raw, 'không phải là một giá trị đơn', 'not a single value')
  const text = String(raw).trim()
  return text.length <= maxText
    ? { value: text }
    : failed(raw, `dài quá ${maxText} ký tự`, `longer than ${maxText} characters`)
}

function failed(raw: unknown, vi: string, en: string): Converted {
  const text = typeof raw === 'string' ? raw : (JSON.stringify(raw) ?? String(raw))
  const shown = text.length > maxShown ? `${text.slice(0, maxShown)}…` : text
  return { reason: { vi: `"${shown}" ${vi}`, en: `"${shown}" is ${en}` } }
}
