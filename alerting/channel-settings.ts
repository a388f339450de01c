import { statSync } from 'node:fs'
import { IocError } from '@ioc/contract/errors.ts'
import { readText } from '@ioc/runtime/district/texts.ts'
import { parseYamlFile } from '@ioc/runtime/district/yaml-file.ts'
import Type from 'typebox'
import { Compile } from 'typebox/compile'

const strict = { additionalProperties: false }
const Text = Type.String({ minLength: 1, maxLength: 2_000, description: 'a text; numbers need quotes' })
const Url = Type.String({ pattern: '^https?://\\S+$', maxLength: 2_000, description: 'a URL with http or https' })
const Folder = Type.String({ pattern: '^/', maxLength: 500, description: 'the absolute path of a folder' })

const Email = Type.Object(
  {
    host: Text,
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: 'a port' })),
    /** `none` only over loopback. */
    security: Type.Optional(Type.Enum(['starttls', 'tls'], { description: 'one of starttls, tls' })),
    user: Type.Optional(Text),
    password: Type.Optional(Text),
    from: Type.String({ pattern: '@', maxLength: 300, description: 'a mail address' }),
  },
  strict,
)

/** A provider of SMS that is called over HTTP. In texts, `{phone}`, `{text}`, `{key}` and the values are replaced. */
const SmsHttp = Type.Object(
  {
    provider: Type.Literal('http'),
    url: Url,
    method: Type.Optional(Type.Enum(['GET', 'POST'], { description: 'GET or POST' })),
    headers: Type.Optional(Type.Record(Type.String(), Text)),
    /** JSON where a header says so, else a form. */
    body: Type.Optional(Text),
    values: Type.Optional(Type.Record(Type.String(), Text)),
    /** A field of the answer, as `result.code`, and the values that mean success; without it, any status from 200 to 299. */
    success: Type.Optional(Type.Object({ path: Text, is: Type.Array(Text, { minItems: 1 }) }, strict)),
    /** Values of the same field that mean: this number cannot be reached. */
    refused: Type.Optional(Type.Array(Text)),
    diacritics: Type.Optional(Type.Boolean({ description: 'true or false' })),
  },
  strict,
)
const Esms = Type.Object(
  { provider: Type.Literal('esms'), url: Type.Optional(Url), api_key: Text, secret_key: Text, brandname: Text },
  strict,
)
const SpeedSms = Type.Object(
  { provider: Type.Literal('speedsms'), url: Type.Optional(Url), token: Text, sender: Text },
  strict,
)
const Kannel = Type.Object(
  {
    provider: Type.Literal('kannel'),
    url: Url,
    username: Text,
    password: Text,
    from: Type.Optional(Text),
  },
  strict,
)
/** The folder in which a modem's service looks for messages: works also without the internet. */
const Spool = Type.Object(
  { provider: Type.Enum(['smstools', 'gammu'], { description: 'smstools or gammu' }), folder: Folder },
  strict,
)

const Telegram = Type.Object({ token: Text, url: Type.Optional(Url) }, strict)
const ZaloBot = Type.Object({ kind: Type.Literal('bot'), token: Text, url: Type.Optional(Url) }, strict)
/** The refresh token is of use once: the newest stands in the data folder. */
const ZaloOa = Type.Object(
  {
    kind: Type.Literal('oa'),
    app_id: Text,
    secret_key: Text,
    refresh_token: Text,
    url: Type.Optional(Url),
    oauth_url: Type.Optional(Url),
  },
  strict,
)
/** `subject`: whom the browsers' push services ask, as `mailto:ioc@example.vn`. */
const Push = Type.Object(
  {
    subject: Type.String({ pattern: '^(mailto:|https://)', description: 'mailto: and a mail address, or a URL' }),
    /** Authorities to trust besides those of the system: a file of PEM. */
    ca_file: Type.Optional(Type.String({ pattern: '^/', description: 'the absolute path of a file' })),
  },
  strict,
)
const Webhook = Type.Object({ secret: Type.String({ minLength: 16, description: 'at least 16 characters' }) }, strict)

const Settings = Type.Object(
  {
    email: Type.Optional(Email),
    sms: Type.Optional(Type.Union([SmsHttp, Esms, SpeedSms, Kannel, Spool])),
    telegram: Type.Optional(Telegram),
    zalo: Type.Optional(Type.Union([ZaloBot, ZaloOa])),
    push: Type.Optional(Push),
    webhook: Type.Optional(Webhook),
  },
  strict,
)

/** `channels.yaml` of the data folder: how channels are reached, with their secrets. */
export type ChannelSettings = Type.Static<typeof Settings>
export type SmsSettings = NonNullable<ChannelSettings['sms']>
export type ZaloSettings = NonNullable<ChannelSettings['zalo']>

const validator = Compile(Settings)
/** Bits of a file that others may read or write. */
const othersBits = 0o077

/**
 * Reads the settings; without the file no channel but MQTT is set up.
 * @throws IocError CHANNELS_INVALID in one line: file, line, field, reason; also where others may read the file
 */
export function readChannelSettings(path: string): ChannelSettings {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) return {}
  if (stats.mode & othersBits)
    throw new IocError('CHANNELS_INVALID', `${path} has secrets that others can read: run chmod 600 ${path}`)
  return parseYamlFile(path, readText(path) ?? '', validator, 'CHANNELS_INVALID').content
}
