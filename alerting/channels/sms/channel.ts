import { createHash } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SmsSettings } from '../../channel-settings.ts'
import type { TryResult } from '../../escalation.ts'
import type { Channel, Outgoing } from '../channel.ts'
import { attempt, failed, fieldOf, request, resultOf } from '../http.ts'
import { type SmsTemplate, templateOf } from './presets.ts'

/** SMS by a provider over HTTP, or by a modem of this machine. */
export function createSms(settings: SmsSettings): Channel {
  if ('folder' in settings) {
    const { folder, provider } = settings
    return { send: (message) => attempt(async () => spool(folder, provider, message)), stop: async () => undefined }
  }
  const template = templateOf(settings)
  return { send: (message) => attempt(() => call(template, message)), stop: async () => undefined }
}

async function call(template: SmsTemplate, message: Outgoing): Promise<TryResult> {
  const { method, headers, success, refused } = template
  const digits = digitsOf(message.address)
  const values = {
    ...template.values,
    phone: template.phone === 'plus' ? `+${digits}` : digits,
    text: template.diacritics ? message.text.body : message.text.short,
    key: shortKey(message.key),
  }
  const isJson = Object.entries(headers).some(([name, type]) => /^content-type$/i.test(name) && /json/i.test(type))
  const body =
    template.body === undefined ? undefined : filled(template.body, values, isJson ? inJson : encodeURIComponent)
  const contentType = body === undefined || isJson ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await request(filled(template.url, values, encodeURIComponent), {
    method,
    headers: { ...contentType, ...headers },
    ...(body === undefined ? {} : { body }),
  })
  const result = resultOf(answer)
  if (!success) return result
  const code = String(fieldOf(answer.json, success.path.split('.')) ?? '')
  if (success.is.includes(code)) return { kind: 'sent' }
  if (refused.includes(code)) return { kind: 'refused', reason: `code ${code}` }
  return result.kind === 'failed' ? result : failed(code === '' ? 'an unexpected answer' : `code ${code}`)
}

/** `{name}` becomes its value, so written that it cannot leave its place. */
function filled(
  template: string,
  values: Readonly<Record<string, string>>,
  written: (value: string) => string,
): string {
  return template.replace(/\{(\w+)\}/g, (all, name: string) =>
    Object.hasOwn(values, name) ? written(values[name] ?? '') : all,
  )
}

const inJson = (value: string): string => JSON.stringify(value).slice(1, -1)

/** `0912…` and `+84912…` become `84912…`. */
export function digitsOf(address: string | null): string {
  return (address ?? '').replace(/^\+/, '').replace(/^0/, '84')
}

const shortKey = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 24)

/** Leaves a file to the service of the modem. A repetition replaces the file, if it is still there. */
function spool(folder: string, provider: 'smstools' | 'gammu', { key, address, text }: Outgoing): TryResult {
  const phone = digitsOf(address)
  const isGammu = provider === 'gammu'
  const name = isGammu ? `OUTB_${shortKey(key)}_00_+${phone}_00.txtd` : `ioc-${shortKey(key)}`
  // The service does not look at names that begin with a point, and a name appears with all of its content.
  const draft = join(folder, `.${shortKey(key)}`)
  writeFileSync(draft, isGammu ? text.short : `To: ${phone}\n\n${text.short}\n`, { mode: 0o640, flush: true })
  renameSync(draft, join(folder, name))
  return { kind: 'sent' }
}
