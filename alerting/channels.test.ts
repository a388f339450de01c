import { createHmac, randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readChannelSettings } from './channel-settings.ts'
import type { Outgoing, Reply } from './channels/channel.ts'
import { createEmail } from './channels/email/channel.ts'
import { createSms } from './channels/sms/channel.ts'
import { createTelegram } from './channels/telegram/channel.ts'
import { createWebhook } from './channels/webhook/channel.ts'
import { createZalo } from './channels/zalo/channel.ts'
import { createLinks } from './links.ts'
import { startMailServer } from './testing/mail-server.ts'

const folderOf = () => mkdtempSync(join(tmpdir(), 'ioc-channels-'))
const message = (address: string, of: Partial<Outgoing> = {}): Outgoing => ({
  ...{ key: `12/1.0.0/lan/x/${address}`, address, incidents: [12], link: null, severity: 'high', event: {}, at: 1 },
  text: { subject: 'IOC #12: Mất kết nối', body: 'Mất kết nối trạm Trường Xá', short: 'IOC #12: Mat ket noi' },
  ...of,
})

interface Asked {
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A server that answers each request as a test asks. */
async function serve(
  answer: (asked: Asked) => { status?: number; json: unknown },
): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const one = { url: request.url ?? '', headers: request.headers, body: Buffer.concat(parts).toString() }
    asked.push(one)
    const { status = 200, json } = answer(one)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

test('mails about one incident are one conversation over a real SMTP server; a repetition has the same Message-ID', async () => {
  const { port, mails, stop } = await startMailServer()
  onTestFinished(stop)
  const email = createEmail({ host: '127.0.0.1', port, from: 'ioc@example.vn' })
  onTestFinished(() => email.stop())
  expect(await email.send(message('lan@example.vn'))).toMatchObject({ kind: 'sent' })
  await email.send(message('lan@example.vn'))
  await email.send(message('lan@example.vn', { key: 'other' }))
  expect(await email.send(message('gone@example.vn'))).toEqual({ kind: 'refused', reason: 'SMTP 550' })
  const [first, again, other] = mails
  expect(first?.text?.trim()).toBe('Mất kết nối trạm Trường Xá')
  expect(again?.messageId).toBe(first?.messageId)
  expect(other?.messageId).not.toBe(first?.messageId)
  expect(new Set([first, again, other].map((mail) => String(mail?.references)))).toEqual(
    new Set(['<incident-12@example.vn>']),
  )
})

test('without a server, a mail fails and is not refused', async () => {
  const email = createEmail({ host: '127.0.0.1', port: 9, from: 'ioc@example.vn' })
  onTestFinished(() => email.stop())
  expect(await email.send(message('lan@example.vn'))).toMatchObject({ kind: 'failed' })
})

test('a webhook is signed, and has a key that is the same for each try', async () => {
  const { url, asked } = await serve(() => ({ json: {} }))
  const webhook = createWebhook({ secret: 'a secret of sixteen' })
  expect(await webhook.send(message(url))).toEqual({ kind: 'sent' })
  const { headers, body } = asked[0] as Asked
  const signed = `${headers['x-ioc-timestamp']}.${body}`
  const expected = createHmac('sha256', 'a secret of sixteen').update(signed).digest('hex')
  expect(headers['x-ioc-signature']).toBe(`sha256=${expected}`)
  expect(headers['idempotency-key']).toBe(encodeURIComponent(message(url).key))
})

test('Telegram: what it answers to 429 is the time to wait; a reply names the message', async () => {
  let isFull = true
  const updates = [{ update_id: 7, message: { chat: { id: 1 }, text: 'ok', reply_to_message: { message_id: 5 } } }]
  const { url } = await serve(({ url: path }) => {
    if (path.endsWith('/getUpdates')) return { json: { ok: true, result: updates.splice(0) } }
    if (isFull) return { status: 429, json: { ok: false, parameters: { retry_after: 30 } } }
    return { json: { ok: true, result: { message_id: 5, chat: { id: 1 } } } }
  })
  const telegram = createTelegram({ token: '1:x', url })
  expect(await telegram.send(message('1'))).toMatchObject({ kind: 'failed', afterMs: 30_000 })
  isFull = false
  const sent = await telegram.send(message('1'))
  const reply = await new Promise<Reply>((resolve) => telegram.start?.(resolve))
  await telegram.stop()
  expect(sent).toEqual({ kind: 'sent', ref: reply.ref })
  expect(reply.text).toBe('ok')
})

test('the refresh token of a Zalo account is used once, also by several messages and after a restart', async () => {
  let valid = 'r1'
  const { url, asked } = await serve(({ url: path, body, headers }) => {
    if (path.endsWith('/access_token')) {
      if (new URLSearchParams(body).get('refresh_token') !== valid)
        return { json: { error: -14014, error_name: 'Invalid refresh token' } }
      valid = `r${Number(valid.slice(1)) + 1}`
      return { json: { access_token: `a-${valid}`, refresh_token: valid, expires_in: '90000' } }
    }
    return { json: headers['access_token'] === `a-${valid}` ? { error: 0 } : { error: -216, message: 'expired' } }
  })
  const folder = folderOf()
  const settings = { kind: 'oa', app_id: '1', secret_key: 's', refresh_token: 'r1', url, oauth_url: url } as const
  const first = createZalo(settings, folder, Date.now)
  expect(await Promise.all([1, 2, 3].map((n) => first.send(message(`u${n}`))))).toEqual(Array(3).fill({ kind: 'sent' }))
  const second = createZalo(settings, folder, Date.now)
  expect(await second.send(message('u'))).toEqual({ kind: 'sent' })
  // The account's token expired early: one is renewed with what was kept.
  writeFileSync(join(folder, 'zalo.json'), readFileSync(join(folder, 'zalo.json'), 'utf8').replace('a-r2', 'a-old'))
  expect(await createZalo(settings, folder, Date.now).send(message('u'))).toEqual({ kind: 'sent' })
  expect(asked.filter(({ url: path }) => path.endsWith('/access_token'))).toHaveLength(2)
})

test('providers of SMS get digits and text without diacritics; their codes decide', async () => {
  let code = '100'
  const { url, asked } = await serve(() => ({ json: { CodeResult: code } }))
  const sms = createSms({ provider: 'esms', url, api_key: 'k', secret_key: 's', brandname: 'IOC "DD"' })
  expect(await sms.send(message('0912345678'))).toEqual({ kind: 'sent' })
  expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({
    Phone: '84912345678',
    Content: 'IOC #12: Mat ket noi',
    Brandname: 'IOC "DD"',
  })
  code = '99'
  expect(await sms.send(message('0912345678'))).toMatchObject({ kind: 'refused' })
  code = '103'
  expect(await sms.send(message('0912345678'))).toMatchObject({ kind: 'failed', reason: 'code 103' })
})

test('SpeedSMS: the token is the user of the request, and its codes decide', async () => {
  let answer: { status?: number; json: unknown } = { json: { status: 'success', code: '00' } }
  const { url, asked } = await serve(() => answer)
  const sms = createSms({ provider: 'speedsms', url, token: 'tok', sender: 'IOC' })
  expect(await sms.send(message('0912345678'))).toEqual({ kind: 'sent' })
  expect(asked[0]?.headers['authorization']).toBe(`Basic ${Buffer.from('tok:x').toString('base64')}`)
  expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
    to: ['84912345678'],
    content: 'IOC #12: Mat ket noi',
    type: 3,
    sender: 'IOC',
  })
  for (const code of ['105', '110', '113']) {
    answer = { json: { status: 'error', code } }
    expect(await sms.send(message('0912345678'))).toEqual({ kind: 'refused', reason: `code ${code}` })
  }
  // No money left: another person or channel is no help, but the centre has to know.
  answer = { json: { status: 'error', code: '300' } }
  expect(await sms.send(message('0912345678'))).toMatchObject({ kind: 'failed', reason: 'code 300' })
  answer = { status: 429, json: {} }
  expect(await sms.send(message('0912345678'))).toMatchObject({ kind: 'failed', reason: 'HTTP 429' })
})

test('a Zalo bot sends to a chat; an unknown chat is refused, a busy service fails', async () => {
  let answer: { status?: number; json: unknown } = { json: { ok: true, result: { message_id: 'm' } } }
  const { url, asked } = await serve(() => answer)
  const zalo = createZalo({ kind: 'bot', token: '1:x', url }, folderOf(), Date.now)
  expect(await zalo.send(message('chat-1'))).toEqual({ kind: 'sent' })
  expect(asked[0]?.url).toBe('/bot1:x/sendMessage')
  expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ chat_id: 'chat-1', text: 'Mất kết nối trạm Trường Xá' })
  answer = { json: { ok: false, error_code: 403, description: 'Forbidden' } }
  expect(await zalo.send(message('chat-1'))).toEqual({ kind: 'refused', reason: '403 Forbidden' })
  answer = { json: { ok: false, error_code: 429, description: 'Too Many Requests' } }
  expect(await zalo.send(message('chat-1'))).toMatchObject({ kind: 'failed', reason: '429 Too Many Requests' })
  answer = { status: 500, json: {} }
  expect(await zalo.send(message('chat-1'))).toMatchObject({ kind: 'failed' })
})

test('gammu reads the phone number from the name of the file; a folder that is missing makes the channel fail', async () => {
  const folder = folderOf()
  const sms = createSms({ provider: 'gammu', folder })
  await sms.send(message('0912345678'))
  await sms.send(message('0912345678'))
  expect(await sms.send(message('0987654321', { key: 'other' }))).toEqual({ kind: 'sent' })
  // OUT<priority><date>_<time>_<serial>_<recipient>_<note>, of gammu-smsd-files(7); `d` asks for a delivery report.
  const names = readdirSync(folder).sort((a, b) => a.localeCompare(b))
  const recipients = names.map((name) => /^OUT[A-Z]\w+_\d\d_(\+\d+)_00\.txtd$/.exec(name)?.[1])
  expect(new Set(recipients)).toEqual(new Set(['+84912345678', '+84987654321']))
  expect(names).toHaveLength(2)
  expect(readFileSync(join(folder, names[0] ?? ''), 'utf8')).toBe('IOC #12: Mat ket noi')
  const missing = createSms({ provider: 'gammu', folder: join(folder, 'none') })
  expect(await missing.send(message('0912345678'))).toEqual({ kind: 'failed', reason: 'ENOENT' })
})

test('a modem gets one file for a message, however often it is tried', async () => {
  const folder = folderOf()
  const sms = createSms({ provider: 'smstools', folder })
  await sms.send(message('+84912345678'))
  await sms.send(message('+84912345678'))
  const [name, ...others] = readdirSync(folder)
  expect(others).toEqual([])
  expect(readFileSync(join(folder, name ?? ''), 'utf8')).toBe('To: 84912345678\n\nIOC #12: Mat ket noi\n')
})

test('settings that others can read, or that are invalid, are refused with the line', () => {
  const path = join(folderOf(), 'channels.yaml')
  expect(readChannelSettings(path)).toEqual({})
  writeFileSync(path, 'telegram: { token: "1:x" }\n', { mode: 0o600 })
  expect(readChannelSettings(path)).toEqual({ telegram: { token: '1:x' } })
  writeFileSync(path, 'telegram:\n  tokn: x\n')
  expect(() => readChannelSettings(path)).toThrow('line 2')
  chmodSync(path, 0o640)
  expect(() => readChannelSettings(path)).toThrow('chmod 600')
})

test('a link is signed: one that was changed, or made with another key, is refused', () => {
  const links = createLinks(randomBytes(32))
  const token = links.tokenOf(123_456)
  expect(token.length).toBeLessThan(24)
  expect(links.messageOf(token)).toBe(123_456)
  for (const other of [`1${token}`, token.slice(0, -1), '', 'a-', createLinks(randomBytes(32)).tokenOf(123_456)])
    expect(links.messageOf(other)).toBeUndefined()
})
