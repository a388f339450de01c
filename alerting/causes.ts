import {
  type Aspect,
  type CauseId,
  causeId,
  isAbove,
  type Severity,
  type ThingId,
} from '@ioc/contract/messages/incidents.ts'
import { type Graph, parentsBeside } from './graph.ts'
import { type Beyond, createScopes } from './scopes.ts'
import { kindOf, type Problem, type Report } from './state.ts'

/** A highest thing that explains what is abnormal: it is to have one incident. */
export interface Cause {
  readonly id: CauseId
  readonly thing: ThingId
  readonly aspect: Aspect
  /** The observed state, or `children` where it follows from what depends on the thing. */
  readonly problem: string
  readonly severity: Severity
  /** When it began, by event time. */
  readonly since: number
  /** When it has lasted long enough. */
  readonly due: number
  readonly report?: Report
}

export interface Causes {
  readonly all: ReadonlyMap<CauseId, Cause>
  /** Whether the problem of an incident is there, as a cause or below one. */
  holds(thing: ThingId, aspect: Aspect): boolean
  /** The causes above a thing that is cut off by them; none where it is cut off by nothing. */
  rootsAbove(thing: ThingId): readonly ThingId[]
  /** What is cut off because of a thing. */
  affectedBy(thing: ThingId): readonly ThingId[]
}

/** Share of the children of a thing, and least number of them, whose loss is the loss of the thing itself. */
const minLostShare = 0.6
const minLostChildren = 2

interface Loss {
  readonly since: number
  readonly due: number
  readonly severity: Severity
  readonly problem: string
  readonly report?: Report
}

/**
 * Finds the causes of all problems. A thing is *lost* with a loss of its own, or when enough of its children are lost and
 * nothing of it is connected. It is *cut off* when it is lost, or when all that it depends on is. A cause is a loss that is
 * not below another. A connected node whose devices are silent explains them, but says nothing about its site.
 * @param isHeld whether maintenance covers a thing: it is then no evidence about its parent
 * @param recent what has an incident that is not closed: values of wider places have time to follow it
 */
export function findCauses(
  problems: ReadonlyMap<CauseId, Problem>,
  graph: Graph,
  now: number,
  isHeld: (thing: ThingId) => boolean,
  recent: readonly Beyond[],
): Causes {
  const losses = new Map<ThingId, Loss | undefined>()
  const cutOff = new Map<ThingId, boolean>()
  const ownLoss = (thing: ThingId) => problems.get(causeId(thing, 'loss'))

  /** The loss of a thing itself; problems in their time of grace count for nothing yet. */
  function lossOf(thing: ThingId): Loss | undefined {
    if (losses.has(thing)) return losses.get(thing)
    const own = ownLoss(thing)
    const loss = own ? lossByProblem(own, now) : inferredLoss(thing)
    losses.set(thing, loss)
    return loss
  }

  function inferredLoss(thing: ThingId): Loss | undefined {
    const children = graph.childrenOf(thing).filter((child) => !isHeld(child))
    const lost = children.flatMap((child) => (explainsParent(child) ? (lossOf(child) ?? []) : []))
    const isOnlyNode = kindOf(thing) === 'site' && children.length === 1
    const needed = Math.max(isOnlyNode ? 1 : minLostChildren, Math.ceil(minLostShare * children.length))
    if (lost.length < needed) return undefined
    const kth = (times: number[]) => times.toSorted((a, b) => a - b)[needed - 1] as number
    const severity = lost.reduce<Severity>((most, one) => (isAbove(one.severity, most) ? one.severity : most), 'low')
    return {
      since: kth(lost.map(({ since }) => since)),
      due: kth(lost.map(({ due }) => due)),
      severity: raisedFor(thing, severity),
      problem: 'children',
    }
  }

  /** Of a node, only its own loss: while it is connected, its silent devices do not speak of the site. */
  function explainsParent(thing: ThingId): boolean {
    return kindOf(thing) !== 'node' || ownLoss(thing) !== undefined
  }

  /** Whether something shows that a thing is reached: a node that is connected, or anything below with one. */
  function isReached(thing: ThingId): boolean {
    switch (kindOf(thing)) {
      case 'device':
        return false
      case 'node':
        return ownLoss(thing) === undefined
      default:
        return graph.childrenOf(thing).some(isReached)
    }
  }

  function isCovered(thing: ThingId): boolean {
    const known = cutOff.get(thing)
    if (known !== undefined) return known
    const parents = graph.parentsOf(thing)
    const covered = parents.length > 0 && parents.every(isGone) && !(lossOf(thing) === undefined && isReached(thing))
    cutOff.set(thing, covered)
    return covered
  }

  /** In its time of grace, a loss still explains what is below it. */
  function isGone(thing: ThingId): boolean {
    return lossOf(thing) !== undefined || ownLoss(thing) !== undefined || isCovered(thing)
  }

  function rootsAbove(thing: ThingId): ThingId[] {
    if (!isCovered(thing)) return []
    const roots = graph.parentsOf(thing).flatMap((parent) => (isCovered(parent) ? rootsAbove(parent) : [parent]))
    return [...new Set(roots)]
  }

  function affectedBy(thing: ThingId): ThingId[] {
    const found = new Set<ThingId>()
    const visit = (at: ThingId): void => {
      for (const child of graph.childrenOf(at)) {
        if (found.has(child) || !isCovered(child)) continue
        found.add(child)
        visit(child)
      }
    }
    visit(thing)
    return [...found].sort()
  }

  const all = new Map<CauseId, Cause>()
  const add = (thing: ThingId, aspect: Aspect, { problem, severity, since, due, report }: Loss) => {
    const id = causeId(thing, aspect)
    all.set(id, { id, thing, aspect, problem, severity, since, due, ...(report ? { report } : {}) })
  }
  const seen = new Set<ThingId>()
  /** What is lost, and whatever is above it, may be a cause. */
  const climb = (thing: ThingId): void => {
    if (seen.has(thing)) return
    seen.add(thing)
    const loss = lossOf(thing)
    if (loss && !isCovered(thing)) add(thing, 'loss', loss)
    for (const parent of graph.parentsOf(thing)) climb(parent)
  }
  const followsFromNarrower = createScopes([...problems.values(), ...recent], graph)
  for (const problem of problems.values()) {
    const { thing, aspect } = problem
    if (aspect === 'loss') climb(thing)
    // What a person reports is seen, whatever becomes of the device.
    else if (
      (aspect === 'reported' || !isExplained(thing)) &&
      !(aspect === 'level' && followsFromNarrower(thing, problem.severity))
    )
      add(thing, aspect, { ...problem, problem: problem.state, due: dueOf(problem) })
  }

  /** A value of what is gone is old: no incident of its own begins. */
  function isExplained(thing: ThingId): boolean {
    if (isGone(thing)) return true
    const parents = parentsBeside(graph, thing)
    return graph.parentsOf(thing).length === 0 && parents.length > 0 && parents.every(isGone)
  }

  return {
    all,
    holds: (thing, aspect) =>
      aspect === 'loss'
        ? lossOf(thing) !== undefined || ownLoss(thing) !== undefined
        : problems.has(causeId(thing, aspect)),
    rootsAbove,
    affectedBy,
  }
}

function lossByProblem(problem: Problem, now: number): Loss | undefined {
  if (inGrace(problem, now)) return undefined
  const { since, severity, state } = problem
  return { since, due: dueOf(problem), severity, problem: state }
}

export function inGrace({ graceFrom, graceMs }: Problem, now: number): boolean {
  return graceFrom !== null && now < graceFrom + graceMs
}

export function dueOf({ seen, holdMs }: Problem): number {
  return seen + holdMs
}

/** What takes a whole site with it is at least `high`, what takes several, `critical`. */
function raisedFor(thing: ThingId, severity: Severity): Severity {
  const least = ({ site: 'high', upstream: 'critical', centre: 'critical' } as Partial<Record<string, Severity>>)[
    kindOf(thing)
  ]
  return least !== undefined && isAbove(least, severity) ? least : severity
}
