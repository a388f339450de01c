import type { SmsSettings } from '../../channel-settings.ts'

/** How a provider is called. In texts, `{phone}`, `{text}`, `{key}` and the values are replaced. */
export interface SmsTemplate {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  /** undefined: none. */
  readonly body: string | undefined
  readonly values: Readonly<Record<string, string>>
  /** null: the status decides. */
  readonly success: { readonly path: string; readonly is: readonly string[] } | null
  readonly refused: readonly string[]
  readonly diacritics: boolean
  /** As the provider wants a number: `84912345678`, or with the plus before it. */
  readonly phone: 'digits' | 'plus'
}

const json = { 'content-type': 'application/json' }
const plain = { diacritics: false, refused: [], success: null } as const

/** What is set up, as a template. */
export function templateOf(settings: Exclude<SmsSettings, { folder: string }>): SmsTemplate {
  switch (settings.provider) {
    case 'http': {
      const {
        url,
        method = 'POST',
        headers = {},
        body,
        values = {},
        success = null,
        refused = [],
        diacritics = false,
      } = settings
      return { url, method, headers, body, values, success, refused, diacritics, phone: 'digits' }
    }
    case 'esms': {
      const { api_key, secret_key, brandname, url } = settings
      return {
        ...plain,
        url: url ?? 'https://rest.esms.vn/MainService.svc/json/SendMultipleMessage_V4_post_json/',
        method: 'POST',
        headers: json,
        body: '{"ApiKey":"{api_key}","SecretKey":"{secret_key}","Brandname":"{brandname}","Phone":"{phone}","Content":"{text}","SmsType":"2","IsUnicode":"0","RequestId":"{key}"}',
        values: { api_key, secret_key, brandname },
        success: { path: 'CodeResult', is: ['100', '124'] },
        refused: ['99'],
        phone: 'digits',
      }
    }
    case 'speedsms': {
      const { token, sender, url } = settings
      return {
        ...plain,
        url: url ?? 'https://api.speedsms.vn/index.php/sms/send',
        method: 'POST',
        headers: { ...json, authorization: `Basic ${Buffer.from(`${token}:x`).toString('base64')}` },
        body: '{"to":["{phone}"],"content":"{text}","type":3,"sender":"{sender}"}',
        values: { sender },
        success: { path: 'code', is: ['00'] },
        refused: ['105', '110', '113'],
        phone: 'digits',
      }
    }
    case 'kannel': {
      const { url, username, password, from = '' } = settings
      return {
        ...plain,
        url: `${url}?username={username}&password={password}&from={from}&to={phone}&text={text}&charset=UTF-8&coding=0`,
        method: 'GET',
        headers: {},
        body: undefined,
        values: { username, password, from },
        phone: 'plus',
      }
    }
    default:
      return settings satisfies never
  }
}
