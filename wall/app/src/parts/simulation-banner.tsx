import { formatDate, formatTime } from '../format.ts'
import { language } from '../preferences.ts'
import { simulation } from '../state.ts'
import { say } from '../words.ts'

/** Says on every page that the figures are simulated, and how far the past is filled in. */
export function SimulationBanner() {
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
