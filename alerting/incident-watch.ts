import type { LiveIncident, LiveMaintenance, LiveWindow } from '@ioc/contract/messages/incidents.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Journal } from './journal.ts'
import { type Context, step, type WatchEvent } from './machine.ts'
import { openUntil } from './maintenance.ts'
import type { Notifier } from './notifier.ts'
import type { Incident, WatchState } from './state.ts'

export interface IncidentWatchParts {
  readonly journal: Journal
  readonly notifier: Notifier
  /** What is known of the district now. */
  readonly context: () => Context
  /** Called with each incident that changed, after it is on disk; null: it is evicted. */
  readonly onIncident: (id: number, incident: LiveIncident | null) => void
  readonly onMaintenance: (maintenance: LiveMaintenance) => void
  readonly now: () => number
  readonly logger: Logger
}

export interface IncidentWatch {
  readonly state: WatchState
  /** Makes one step. When it returns, what follows from the events is on disk. */
  handle(events: readonly WatchEvent[]): void
  /** Publishes everything, and repeats the notices that nobody took over. */
  publishAll(): void
  handNotices(): void
}

/** Time after which a notice that could not be handed over is tried again, in ms. */
const retryMs = 5_000

/** The state machine with its journal: facts are on disk before their effects are carried out. */
export function createIncidentWatch(parts: IncidentWatchParts): IncidentWatch {
  const { journal, notifier, context, onIncident, onMaintenance, now, logger } = parts
  let { state } = journal
  const inHand = new Set<string>()
  let publishedOpenings = ''

  function handle(events: readonly WatchEvent[]): void {
    const next = step(context(), state, events, now())
    journal.append(next.state, next.facts)
    state = next.state
    for (const effect of next.effects) {
      switch (effect.effect) {
        case 'publish':
          publishIncident(effect.id)
          break
        case 'maintenance':
          publishMaintenance()
          break
        case 'notify':
          hand(effect.key)
          break
        default:
          effect satisfies never
      }
    }
    // An occurrence begins and ends without an event.
    const present = windows()
    if (openings(present) !== publishedOpenings) publishMaintenance(present)
  }

  function publishIncident(id: number): void {
    const incident = state.incidents.get(id)
    onIncident(id, incident ? publicPart(incident) : null)
  }

  function windows(): LiveWindow[] {
    const at = now()
    return [...state.windows.values()].map((window) => {
      const until = openUntil(window, at)
      return { ...window, active: until !== null, until }
    })
  }

  function publishMaintenance(present = windows()): void {
    publishedOpenings = openings(present)
    onMaintenance({ windows: present, shelves: [...state.shelves.values()] })
  }

  /** A notice that was dropped meanwhile, as its incident is over, is not handed over. */
  function hand(key: string): void {
    const notice = state.notices.get(key)
    if (!notice || inHand.has(key)) return
    inHand.add(key)
    const incident = notice.incident === null ? undefined : state.incidents.get(notice.incident)
    notifier.hand({ notice, incident: incident ? publicPart(incident) : null }).then(
      () => {
        inHand.delete(key)
        handle([{ kind: 'handed', key }])
      },
      (error: Error) => {
        logger.warn({ err: error, key }, 'cannot hand a notification over, trying again')
        setTimeout(() => {
          inHand.delete(key)
          hand(key)
        }, retryMs).unref()
      },
    )
  }

  return {
    get state() {
      return state
    },
    handle,
    handNotices() {
      for (const key of state.notices.keys()) hand(key)
    },
    publishAll() {
      for (const id of state.incidents.keys()) publishIncident(id)
      publishMaintenance()
    },
  }
}

/** What of an incident others see. */
export function publicPart(incident: Incident): LiveIncident {
  const { present, changed, flips, flappingSince, byHand, announced, owesEnd, remindedAt, ...visible } = incident
  return visible
}

/** Which windows are open until when. */
function openings(windows: readonly LiveWindow[]): string {
  return windows.map(({ id, until }) => `${id} ${until}`).join('\n')
}
