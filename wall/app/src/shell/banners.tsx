import { computed } from '@preact/signals'
import { formatAge, formatDate, formatInstant, formatTime } from '../format.ts'
import { language } from '../preferences.ts'
import { brokerHeard, brokerLostSince, cutSince, districtProblem, link, now, simulation, storeAway } from '../state.ts'
import { say } from '../words.ts'
import { sayShell } from './words.ts'

/** A connection that is lost for longer than this frames the whole page, in ms. */
const maxUnframedMs = 10_000

/** Since when nothing new arrives: the page lost the server, or the server lost the broker. */
const lostSince = computed(() => cutSince.value ?? brokerLostSince.value)

/** Whether what is shown is what was received last. */
export const isCut = computed(() => link.value === 'cut' || (link.value === 'live' && !brokerHeard.value))

/** A thin red frame round the page, which is seen from afar, with the time since. */
export function LostFrame() {
  const since = lostSince.value
  if (since === undefined || now.value - since < maxUnframedMs) return null
  return (
    <div class="lost-frame" data-testid="lost-frame">
      <p>
        {sayShell('lostSince')} {formatInstant(since, now.value)} ({formatAge(since, now.value)})
      </p>
    </div>
  )
}

/** Says on every page that the figures are simulated, and how far the past is filled in. */
export function SimulationBand() {
  const shown = simulation.value
  if (!shown) return null
  const { phase, percent, title, clock, speed } = shown
  return (
    <aside class="simulation" data-testid="simulation" data-phase={phase} title={say('simulatedHint')}>
      <strong>{say('simulated')}</strong>
      <span>{title[language.value]}</span>
      {phase !== 'live' && (
        <label>
          {say(phase === 'filling' ? 'simulationFilling' : 'simulationProcessing')}
          <progress max={100} value={percent} />
          {percent}%
        </label>
      )}
      {speed > 1 && (
        <span>
          {say('simulationClock')}: {formatTime(clock)} {formatDate(clock)} (×{speed})
        </span>
      )}
    </aside>
  )
}

export function Notices() {
  const cut = link.value === 'cut' ? 'cutLong' : isCut.value ? 'brokerCut' : undefined
  return (
    <div class="notices" role="status">
      {cut && (
        <p class="notice strong" data-testid="notice-cut">
          {say(cut)}
        </p>
      )}
      {!cut && storeAway.value && (
        <p class="notice" data-testid="notice-store">
          {say('storeAway')}
        </p>
      )}
      <DistrictNotice />
    </div>
  )
}

/** Whoever edits the files reads the reason as the centre states it, in the language of its messages. */
function DistrictNotice() {
  const problem = districtProblem.value
  if (!problem) return null
  const { file, line, reason, since } = problem
  return (
    <p class="notice" data-testid="notice-district">
      {say('districtRefused')} <bdi>{file}</bdi>
      {line !== null && `, ${say('fileLine')} ${line}`}: <span lang="en">{reason}</span> ({say('sinceTime')}{' '}
      {formatInstant(since, now.value)})
    </p>
  )
}
