import { effect, signal } from '@preact/signals'
import { onNewCritical, onNewCriticalIncident } from './kiosk.ts'
import { sayShell } from './words.ts'

const storageKey = 'ioc.sound'
/** Two tones, of Hz each, one after the other. */
const tones = [880, 660] as const
const tone_s = 0.28
const volume = 0.25

/** Whether the viewer wants the sound: off until then, in this browser. */
const isWanted = signal(stored())
/** Whether the browser lets the page sound: after a reload it waits for a touch or a key. */
const isRunning = signal(false)
let audio: AudioContext | undefined

/** Sounds once for each critical item, and each critical incident of none, that is new. */
export function startSound(): void {
  effect(() => {
    if (!isWanted.value) return undefined
    const resume = () => void audio?.resume()
    prepare()
    addEventListener('pointerdown', resume)
    addEventListener('keydown', resume)
    const endWatches = [onNewCritical(play), onNewCriticalIncident(play)]
    return () => {
      for (const end of endWatches) end()
      removeEventListener('pointerdown', resume)
      removeEventListener('keydown', resume)
    }
  })
}

/** Turns the sound on and off; it is in sight wherever a critical item is. */
export function SoundButton() {
  const isOn = isWanted.value && isRunning.value
  const label = sayShell(isOn ? 'soundOff' : 'soundOn')
  return (
    <button
      type="button"
      class="icon-button sound"
      aria-label={label}
      title={isWanted.value && !isOn ? sayShell('soundWaits') : label}
      data-testid="sound"
      data-sound={isOn ? 'on' : 'off'}
      onClick={() => turn(!isOn)}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d="M4 9.5h3.5L12 5.5v13l-4.5-4H4z" />
        {isOn ? <path d="M15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11" /> : <path d="M16 9.5l5 5m0-5l-5 5" />}
      </svg>
    </button>
  )
}

function turn(isOn: boolean): void {
  isWanted.value = isOn
  try {
    localStorage.setItem(storageKey, isOn ? 'on' : 'off')
  } catch {
    // A browser may forbid storage; the choice lasts as long as the page.
  }
  if (!isOn) return
  prepare()
  // The viewer hears that it works, and how it sounds.
  void audio?.resume().then(play)
}

function prepare(): void {
  if (audio) return
  const created = new AudioContext()
  const note = () => {
    isRunning.value = created.state === 'running'
  }
  created.addEventListener('statechange', note)
  audio = created
  note()
}

function play(): void {
  if (audio?.state !== 'running') return
  const gain = audio.createGain()
  gain.connect(audio.destination)
  const start = audio.currentTime
  const end = start + tones.length * tone_s
  gain.gain.setValueAtTime(volume, start)
  gain.gain.exponentialRampToValueAtTime(0.001, end)
  const oscillator = audio.createOscillator()
  tones.forEach((frequency, index) => void oscillator.frequency.setValueAtTime(frequency, start + index * tone_s))
  oscillator.connect(gain)
  oscillator.start(start)
  oscillator.stop(end)
  oscillator.onended = () => gain.disconnect()
}

function stored(): boolean {
  try {
    return localStorage.getItem(storageKey) === 'on'
  } catch {
    return false
  }
}
