import { type FactJournal, type Folding, openFactJournal } from './fact-journal.ts'
import { draftOf, emptyState, type Fact, factsOf, type WatchState } from './state.ts'

/** The facts of the watch. */
export type Journal = FactJournal<WatchState, Fact>

const folding: Folding<WatchState, Fact> = {
  empty: emptyState,
  factsOf,
  fold(before, at, facts) {
    const draft = draftOf(before, at)
    for (const fact of facts) draft.apply(fact)
    return draft.state
  },
}

/** @throws IocError JOURNAL_INVALID, FOLDER_UNUSABLE */
export function openJournal(folder: string, compactBytes?: number): Journal {
  return openFactJournal(folder, 'incidents.jsonl', folding, compactBytes)
}
