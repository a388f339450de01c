import { isRetryable } from '@ioc/contract/errors.ts'
import { linkTokenPattern } from '@ioc/contract/messages/alerting-command.ts'
import type { WatchAnswer } from '@ioc/contract/messages/notifications.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GuessLimit } from '../guess-limit.ts'
import { IncidentPlaces } from '../incidents.ts'
import { type LinkOutcome, type LinkRefusal, type LinkStill, linkPage, linkStyleSource } from '../link-page.ts'
import type { LiveState } from '../live-state.ts'
import { linkPath, policy } from '../pages.ts'

type TokenCommand = 'describe_token' | 'acknowledge_by_token'
interface LinkParams {
  readonly Params: { readonly token: string }
  readonly Body: { readonly reply?: string } | undefined
}
type LinkRequest = FastifyRequest<LinkParams>

export interface LinkParts {
  readonly state: LiveState
  /** Sends a command about a token to the watch. @throws IocError BROKER_UNREACHABLE, ALERTING_UNREACHABLE */
  readonly ask: (kind: TokenCommand, token: string, note: string) => Promise<WatchAnswer>
  /** The newest still of an incident that a message is about. */
  readonly stillOf: (request: FastifyRequest, person: string, incident: number) => LinkStill | undefined
  /** Writes down what the owner of a token has acknowledged. */
  readonly note: (request: FastifyRequest, user: string, incidents: readonly number[]) => void
}

/** Links of one address in a minute that acknowledge nothing: the phones of a mobile network share addresses. */
const maxPerAddress = 30
/** The form has one field, the reply. */
const maxFormBytes = 8_000
const maxReplyLength = 500
const tokenFormat = new RegExp(linkTokenPattern)

/**
 * `/a/{token}`, to which the links of messages lead: it shows what a person is asked to do, without a login, since the
 * token is the proof. Only its button acknowledges, because previews of links open them as well.
 */
export async function linkRoutes(app: FastifyInstance, { state, ask, note, stillOf }: LinkParts): Promise<void> {
  const guesses = new GuessLimit({ maxPerAddress })

  /** Counted as a wrong one until the watch knows the token: whoever tries many is refused. */
  async function answerTo(kind: TokenCommand, { ip, params, body }: LinkRequest): Promise<WatchAnswer | LinkRefusal> {
    if (guesses.waitMs(ip) > 0) return { kind: 'limited' }
    guesses.noteWrong(ip)
    if (!tokenFormat.test(params.token)) return { kind: 'invalid' }
    try {
      const answer = await ask(
        kind,
        params.token,
        String(body?.reply ?? '')
          .trim()
          .slice(0, maxReplyLength),
      )
      if (!answer.ok) return { kind: refusalOf(answer) }
      guesses.noteRight(ip, true)
      return answer
    } catch (error) {
      if (isRetryable(error)) return { kind: 'away' }
      throw error
    }
  }

  function outcomeOf(
    request: LinkRequest,
    kind: 'ask' | 'acknowledged',
    answer: WatchAnswer | LinkRefusal,
  ): LinkOutcome {
    if ('kind' in answer) return answer
    const { person, incidents = [], until } = answer
    const places = new IncidentPlaces(state)
    const known = incidents.map((id) => {
      const incident = state.incident(id)
      const { site, name } = (incident && places.placeOf(incident.cause)) ?? {}
      const reported =
        incident?.aspect === 'reported' ? incident.timeline.find(({ what }) => what === 'noted')?.text : undefined
      const still = stillOf(request, person?.user ?? '', id)
      return { ...incident, id, place: name ?? site, reported, still }
    })
    return { kind, person: person?.name ?? '', incidents: known, until }
  }

  const send = (reply: FastifyReply, outcome: LinkOutcome): FastifyReply =>
    reply
      .code(statusOf(outcome))
      .header('content-security-policy', policy({ 'style-src': linkStyleSource, 'img-src': 'data:' }))
      // Without its origin, the form would count as one of another site.
      .header('referrer-policy', 'same-origin')
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(linkPage(outcome))

  await app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: maxFormBytes },
      (_request, body, done) => done(null, { reply: new URLSearchParams(String(body)).get('reply') ?? '' }),
    )
    const options = { config: { role: 'public' }, schema: { hide: true } } as const
    scope.get<LinkParams>(linkPath, options, async (request, reply) =>
      send(reply, outcomeOf(request, 'ask', await answerTo('describe_token', request))),
    )
    scope.post<LinkParams>(linkPath, options, async (request, reply) => {
      const answer = await answerTo('acknowledge_by_token', request)
      if ('request' in answer && answer.person) note(request, answer.person.user, answer.incidents ?? [])
      return send(reply, outcomeOf(request, 'acknowledged', answer))
    })
  })
}

function refusalOf({ reason }: WatchAnswer): LinkRefusal['kind'] {
  return reason === 'used' || reason === 'expired' || reason === 'over' ? reason : 'invalid'
}

function statusOf({ kind }: LinkOutcome): number {
  switch (kind) {
    case 'ask':
    case 'acknowledged':
      return 200
    case 'invalid':
      return 404
    case 'used':
    case 'expired':
    case 'over':
      return 410
    case 'limited':
      return 429
    case 'away':
      return 503
    default:
      return kind satisfies never
  }
}
