import type { LiveIncident, Severity } from '@ioc/contract/messages/incidents.ts'
import { toAscii } from '@ioc/contract/names.ts'
import { displayTime } from '@ioc/runtime/display-time.ts'
import type { Message, MessageKind } from './escalation-state.ts'

/** The texts of one message, in Vietnamese. */
export interface MessageText {
  readonly subject: string
  readonly body: string
  /** Fits into one SMS: GSM-7 without diacritics. */
  readonly short: string
}

/** Characters of one SMS in GSM-7. */
export const maxShort = 160
/** Incidents that a message about several of them lists. */
const maxListed = 10

const severityTexts: Readonly<Record<Severity, string>> = {
  low: 'Thấp',
  medium: 'Trung bình',
  high: 'Cao',
  critical: 'Nghiêm trọng',
}

const kindTexts: Readonly<Record<MessageKind, string>> = {
  opened: 'Sự cố mới',
  escalation: 'Sự cố chưa ai xác nhận',
  reminder: 'Nhắc lại: sự cố vẫn còn',
  worsened: 'Sự cố nặng hơn',
  updated: 'Cập nhật sự cố',
  resolved: 'Đã khắc phục',
  flapping: 'Sự cố chập chờn',
  still_flapping: 'Sự cố vẫn chập chờn',
  stable: 'Sự cố đã ổn định',
  storm: 'Nhiều sự cố cùng lúc',
  storm_over: 'Hết đợt nhiều sự cố cùng lúc',
  test: 'Tin thử',
}

export interface Told {
  readonly message: Message
  readonly incident: LiveIncident | undefined
}

/**
 * The texts of messages that leave as one.
 * @param link acknowledges, or leads to the incidents; null: there is none
 * @param siteName the name of a site
 */
export function textOf(
  told: readonly [Told, ...Told[]],
  link: string | null,
  siteName: (site: string) => string,
): MessageText {
  const [first] = told
  return told.length === 1 ? textOfOne(first, link, siteName) : textOfMany(told, link, siteName)
}

function textOfOne({ message, incident }: Told, link: string | null, siteName: (site: string) => string): MessageText {
  const { kind, site, count } = message
  if (kind === 'test') {
    const body = 'Tin thử từ Trung tâm điều hành. Không cần trả lời.'
    return { subject: 'IOC: tin thử', body, short: fitted('IOC: ', body, '') }
  }
  if (!incident) {
    const where = site ? ` tại ${siteName(site)}` : ''
    const title = `${kindTexts[kind]}${where}: ${count} sự cố`
    return {
      subject: `IOC: ${title}`,
      body: lines(title, linkLine(kind, link)),
      short: fitted('IOC: ', title, shortLink(link)),
    }
  }
  const { id, severity, title, began, affected_count: affected } = incident
  const head = `${kindTexts[kind]} #${id}`
  const body = lines(
    `${head}: ${title.vi}`,
    `Mức độ: ${severityTexts[severity]}. Từ ${clock(began)}.`,
    ...reportsOf(incident),
    affected > 0 ? `Ảnh hưởng: ${affected} thiết bị, trạm.` : undefined,
    incident.acknowledged ? `Đã xác nhận: ${incident.acknowledged.by}.` : undefined,
    linkLine(kind, link),
  )
  const tail = `, tu ${clock(began)}${affected > 0 ? `, ${affected} bi anh huong` : ''}${shortLink(link)}`
  const short = fitted(`IOC #${id} ${shortKind(kind, severity)}: `, title.vi, tail)
  // The subject stays the same, so that all messages of an incident are one conversation.
  return { subject: `IOC #${id}: ${title.vi}`, body, short }
}

/** What whoever reported it wrote, with the bearing and the position, and what was added last. */
function reportsOf({ aspect, timeline }: LiveIncident): string[] {
  const notes = aspect === 'reported' ? timeline.filter(({ what }) => what === 'noted') : []
  return [...new Set([notes.at(0), notes.at(-1)])].flatMap((note) =>
    note?.text === undefined ? [] : [`${note.by}: ${note.text}`],
  )
}

function textOfMany(told: readonly Told[], link: string | null, siteName: (site: string) => string): MessageText {
  const sites = [...new Set(told.map(siteOf))]
  const [only] = sites
  const where = sites.length === 1 && only ? ` ở ${siteName(only)}` : ''
  const count = told.reduce((sum, { message }) => sum + Math.max(message.count, 1), 0)
  const title = `${count} sự cố${where}`
  const listed = told.slice(0, maxListed).map(({ message, incident }) => {
    if (!incident)
      return `- ${kindTexts[message.kind]}${message.site ? ` tại ${siteName(message.site)}` : ''}: ${message.count}`
    return `- ${kindTexts[message.kind]} #${incident.id}: ${incident.title.vi}, từ ${clock(incident.began)}`
  })
  const rest = told.length - listed.length
  const names = told.map(({ message, incident }) => incident?.title.vi ?? (message.site ? siteName(message.site) : ''))
  return {
    subject: `IOC: ${title}`,
    body: lines(`${title}:`, ...listed, rest > 0 ? `và ${rest} tin khác` : undefined, linkLine('opened', link)),
    short: fitted('IOC: ', `${title}: ${names.filter((name) => name !== '').join('; ')}`, shortLink(link)),
  }
}

function siteOf({ message, incident }: Told): string | undefined {
  const [kind, site] = incident?.cause.split('/') ?? []
  return message.site ?? (kind === 'site' || kind === 'node' || kind === 'device' ? site : undefined)
}

function shortKind(kind: MessageKind, severity: Severity): string {
  return kind === 'opened' || kind === 'escalation' ? severityTexts[severity] : kindTexts[kind]
}

const linkLine = (kind: MessageKind, link: string | null): string | undefined =>
  link === null ? undefined : `${kind === 'resolved' ? 'Xem' : 'Xác nhận'}: ${link}`
const shortLink = (link: string | null): string => (link === null ? '' : ` ${link}`)
const lines = (...all: readonly (string | undefined)[]): string => all.filter((line) => line !== undefined).join('\n')

/** `14:05 30/11`, in Asia/Ho_Chi_Minh. */
function clock(at: number): string {
  const text = displayTime(at)
  return `${text.slice(11, 16)} ${text.slice(8, 10)}/${text.slice(5, 7)}`
}

/** Head and tail stay, and the middle is cut so that all is one SMS. */
function fitted(head: string, middle: string, tail: string): string {
  const [begin, text, end] = [gsm(head), gsm(middle), gsm(tail)]
  const room = maxShort - begin.length - end.length
  // A link that alone fills the SMS is worth less than what happened.
  if (room < 20) return `${begin}${text}`.slice(0, maxShort)
  return text.length <= room ? `${begin}${text}${end}` : `${begin}${text.slice(0, room - 2)}..${end}`
}

/** Only characters that take one place in GSM-7. */
export function gsm(text: string): string {
  return toAscii(text)
    .replace(/[–—−]/g, '-')
    .replace(/[“”„]/g, '"')
    .replace(/[[{]/g, '(')
    .replace(/[\]}]/g, ')')
    .replace(/[’‘`^~|\\]/g, "'")
    .replace(/[^\n\x20-\x7e]/g, '?')
}
