import { createHash } from 'node:crypto'
import type { LiveIncident, Severity } from '@ioc/contract/messages/incidents.ts'
import { displayTime } from '@ioc/runtime/display-time.ts'
import { escapeHtml } from './html.ts'

/** What the page of a link says: what to acknowledge, what was acknowledged, or why nothing is. */
export type LinkOutcome =
  | {
      readonly kind: 'ask' | 'acknowledged'
      readonly person: string
      readonly incidents: readonly LinkIncident[]
      /** Until when they are acknowledged. */
      readonly until: number | undefined
    }
  | LinkRefusal
export interface LinkRefusal {
  readonly kind: 'invalid' | 'used' | 'expired' | 'over' | 'limited' | 'away'
}

/** Of one that the wall does not know, there is the number alone. */
type LinkIncident = Pick<LiveIncident, 'id'> &
  Partial<Pick<LiveIncident, 'title' | 'severity' | 'began'>> & {
    readonly place: string | undefined
    /** What whoever reported it wrote, with the bearing and the position. */
    readonly reported: string | undefined
    readonly still: LinkStill | undefined
  }

export interface LinkStill {
  readonly jpeg: Buffer
  readonly ts: number
}

const severities: Readonly<Record<Severity, string>> = {
  low: 'Thấp',
  medium: 'Trung bình',
  high: 'Cao',
  critical: 'Nguy cấp',
}

/** Heading and advice of each refusal. */
const refusals: Readonly<Record<LinkRefusal['kind'], readonly [string, string]>> = {
  invalid: ['Liên kết không đúng', 'Xin mở lại liên kết trong tin nhắn, hoặc chép đủ cả đường dẫn.'],
  used: ['Liên kết đã được sử dụng', 'Mỗi liên kết chỉ tiếp nhận được một lần.'],
  expired: ['Liên kết đã hết hạn', 'Tin nhắn này đã cũ.'],
  over: ['Không còn gì để tiếp nhận', 'Sự cố đã có người tiếp nhận, hoặc đã kết thúc.'],
  limited: ['Có quá nhiều yêu cầu', 'Xin đợi một phút rồi mở lại liên kết.'],
  away: ['Hệ thống cảnh báo chưa phản hồi', 'Chưa có gì được ghi nhận. Xin thử lại sau ít phút.'],
}

const style = `
:root { color-scheme: light dark; --ground: #e1e5e8; --card: #eef0f2; --line: #cbd2d6; --ink: #1e282d; --muted: #55636b; --link: #0b5cad; --on-link: #fff }
@media (prefers-color-scheme: dark) { :root { --ground: #14191c; --card: #1d2428; --line: #323c42; --ink: #e6ebed; --muted: #9aa8b0; --link: #7db7ec; --on-link: #14191c } }
body { margin: 0; padding: 1rem; background: var(--ground); color: var(--ink); font: 400 1.0625rem/1.45 "Be Vietnam Pro", "Noto Sans", Roboto, system-ui, sans-serif }
main { max-width: 34rem; margin: 0 auto }
article { padding: 1rem; margin: 0 0 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .3rem }
h1 { margin: 0 0 .75rem; font-size: 1.35rem; line-height: 1.25 }
h2 { margin: 0 0 .25rem; font-size: 1.1rem; overflow-wrap: anywhere }
p { margin: 0 0 .75rem }
article p { margin: 0 }
.muted { color: var(--muted) }
a { color: var(--link) }
label { display: block; margin: 0 0 .25rem }
textarea { box-sizing: border-box; width: 100%; margin: 0 0 .75rem; padding: .5rem; border: 1px solid var(--line); border-radius: .3rem; background: var(--card); color: var(--ink); font: inherit }
img { display: block; width: 100%; height: auto; margin: .75rem 0 .25rem; border-radius: .2rem }
button { display: block; width: 100%; min-height: 3.25rem; margin: 0 0 .75rem; border: 0; border-radius: .3rem; background: var(--link); color: var(--on-link); font: inherit; font-weight: 700 }
`

/** The page has no script, and no style but its own. */
export const linkStyleSource = `'sha256-${createHash('sha256').update(style).digest('base64')}'`

/** A page of its own, light and without a script: it is opened from an SMS, on any phone and a slow line. */
export function linkPage(outcome: LinkOutcome): string {
  return `<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Tiếp nhận sự cố</title>
<style>${style}</style>
</head>
<body>
<main>
${body(outcome)}
<p><a href="/incidents">Mở danh sách sự cố</a> <span class="muted">(cần đăng nhập)</span></p>
</main>
</body>
</html>
`
}

function body(outcome: LinkOutcome): string {
  switch (outcome.kind) {
    case 'ask': {
      const { person, incidents } = outcome
      return `<h1>${titleOf(incidents)}</h1>
<p>Người nhận tin: <strong>${escapeHtml(person)}</strong></p>
${incidents.map(incidentText).join('\n')}
<form method="post">
<label for="reply">Trả lời trung tâm (không bắt buộc)</label>
<textarea id="reply" name="reply" rows="3" maxlength="500"></textarea>
<button type="submit">Tiếp nhận</button></form>
<p class="muted">Sau khi tiếp nhận, hệ thống ngừng nhắc trong 1 giờ. Liên kết này chỉ dùng được một lần.</p>`
    }
    case 'acknowledged': {
      const { person, incidents, until } = outcome
      return `<h1>Đã tiếp nhận</h1>
<p><strong>${escapeHtml(person)}</strong> là người xử lý${until === undefined ? '' : ` đến ${clock(until)}`}.</p>
${incidents.map(incidentText).join('\n')}`
    }
    case 'invalid':
    case 'used':
    case 'expired':
    case 'over':
    case 'limited':
    case 'away': {
      const [heading, advice] = refusals[outcome.kind]
      return `<h1>${heading}</h1>\n<p>${advice}</p>`
    }
    default:
      return outcome satisfies never
  }
}

const titleOf = (incidents: readonly LinkIncident[]): string =>
  incidents.length === 1 ? 'Tiếp nhận sự cố' : `Tiếp nhận ${incidents.length} sự cố`

function incidentText({ id, title, severity, began, place, reported, still }: LinkIncident): string {
  const picture =
    still === undefined
      ? ''
      : `<img src="data:image/jpeg;base64,${still.jpeg.toString('base64')}" alt="Ảnh camera"><p class="muted">Ảnh chụp lúc ${clock(still.ts)}</p>`
  const facts = [
    reported && escapeHtml(reported),
    severity && `Mức độ: ${severities[severity]}`,
    place && `Nơi xảy ra: ${escapeHtml(place)}`,
    began !== undefined && `Bắt đầu: ${clock(began)}`,
  ].filter((text) => text)
  return `<article><h2>${escapeHtml(title?.vi ?? 'Sự cố')} <span class="muted">#${id}</span></h2><p>${facts.join('<br>')}</p>${picture}</article>`
}

/** `14:05 30/11/2026`, in Asia/Ho_Chi_Minh. */
function clock(at: number): string {
  const text = displayTime(at)
  return `${text.slice(11, 16)} ${text.slice(8, 10)}/${text.slice(5, 7)}/${text.slice(0, 4)}`
}
