import type { PtzMove, PtzReport } from '@ioc/contract/messages/camera-link.ts'
import { useEffect, useRef, useState } from 'preact/hooks'
import { messageOf, send } from '../pages/api.ts'
import { Section } from '../pages/parts.tsx'
import { now } from '../state.ts'
import { sayCamera } from './words.ts'

interface PtzPanelProps {
  readonly path: string
  readonly ptz: PtzReport
  readonly may: boolean
  readonly onMoved: () => void
}

const speed = 0.5
/** A turn lasts a second at the camera; held down, it is renewed before. */
const renewMs = 700

interface Direction {
  readonly keys: readonly string[]
  readonly sign: string
  readonly word: 'left' | 'right' | 'up' | 'down' | 'zoomIn' | 'zoomOut'
  readonly move: Omit<PtzMove & { kind: 'turn' }, 'kind'>
}

const directions: readonly Direction[] = [
  { keys: ['ArrowUp'], sign: '▲', word: 'up', move: { pan: 0, tilt: speed, zoom: 0 } },
  { keys: ['ArrowLeft'], sign: '◀', word: 'left', move: { pan: -speed, tilt: 0, zoom: 0 } },
  { keys: ['ArrowRight'], sign: '▶', word: 'right', move: { pan: speed, tilt: 0, zoom: 0 } },
  { keys: ['ArrowDown'], sign: '▼', word: 'down', move: { pan: 0, tilt: -speed, zoom: 0 } },
  { keys: ['+', '='], sign: '+', word: 'zoomIn', move: { pan: 0, tilt: 0, zoom: speed } },
  { keys: ['-', '_'], sign: '−', word: 'zoomOut', move: { pan: 0, tilt: 0, zoom: -speed } },
]

/** Where a camera looks, who controls it, and its moves: by keys, by buttons, and to presets. */
export function PtzPanel({ path, ptz, may, onMoved }: PtzPanelProps) {
  const [refusal, setRefusal] = useState('')
  const turning = useRef<ReturnType<typeof setInterval> | undefined>(undefined)
  const move = async (what: PtzMove): Promise<void> => {
    const response = await send('POST', `${path}/ptz`, what)
    const isBusy = response?.status === 409
    const why = isBusy ? `${sayCamera('busy')} (${(await messageOf(response)) ?? ''})` : sayCamera('failed')
    setRefusal(response?.ok ? '' : why)
    onMoved()
  }
  const begin = (direction: Direction): void => {
    if (turning.current !== undefined) return
    const turn = () => void move({ kind: 'turn', ...direction.move })
    turning.current = setInterval(turn, renewMs)
    turn()
  }
  const end = (): void => {
    if (turning.current === undefined) return
    clearInterval(turning.current)
    turning.current = undefined
    void move({ kind: 'stop' })
  }
  useEffect(() => () => clearInterval(turning.current), [])
  const onKeyDown = (event: KeyboardEvent): void => {
    const { key } = event
    // Of the browser, as Ctrl and + to enlarge the page.
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const direction = directions.find(({ keys }) => keys.includes(key))
    const preset = /^[1-9]$/.test(key) ? ptz.presets[Number(key) - 1] : undefined
    if (direction) begin(direction)
    else if (preset) void move({ kind: 'preset', token: preset.token })
    else if (key.toLowerCase() === 'h') void move({ kind: 'home' })
    else return
    // The keys of the page have other meanings.
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <Section id="camera-ptz" title={sayCamera('turning')}>
      <p data-testid="ptz-state">
        {ptz.bearing_deg !== null && `${sayCamera('bearing')} ${ptz.bearing_deg}°`}
        {ptz.moving && ` (${sayCamera('moving')})`}
        {ptz.bearing_deg !== null && ' · '}
        <span class="muted">{leaseText(ptz)}</span>
      </p>
      {may && (
        <div
          class="ptz"
          role="application"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the keys that turn the camera
          tabIndex={0}
          aria-label={sayCamera('keys')}
          data-testid="ptz-keys"
          onKeyDown={onKeyDown}
          onKeyUp={end}
          onBlur={end}
        >
          <div class="ptz-cross">
            {directions.map((direction) => (
              <button
                key={direction.word}
                type="button"
                class={`ptz-${direction.word}`}
                aria-label={sayCamera(direction.word)}
                title={sayCamera(direction.word)}
                onPointerDown={() => begin(direction)}
                onPointerUp={end}
                onPointerLeave={end}
              >
                {direction.sign}
              </button>
            ))}
          </div>
          <div>
            <ul class="presets" aria-label={sayCamera('presets')}>
              {ptz.presets.map(({ token, name, bearing_deg: bearing }) => (
                <li key={token}>
                  <button
                    type="button"
                    aria-pressed={ptz.at === token}
                    onClick={() => void move({ kind: 'preset', token })}
                    data-testid={`preset-${token}`}
                  >
                    {name}
                    {bearing !== null && <small class="muted"> {bearing}°</small>}
                  </button>
                </li>
              ))}
            </ul>
            <p class="buttons">
              <button type="button" onClick={() => void move({ kind: 'home' })} data-testid="ptz-home">
                {sayCamera('home')}
              </button>
              <button type="button" onClick={() => void move({ kind: 'release' })}>
                {sayCamera('release')}
              </button>
            </p>
            <p class="muted">{sayCamera('keys')}</p>
          </div>
        </div>
      )}
      <p role="status">{refusal}</p>
    </Section>
  )
}

function leaseText({ lease, tour }: PtzReport): string {
  if (lease && lease.until > now.value) return `${sayCamera('heldBy')}: ${lease.holder}`
  return sayCamera(tour.running ? 'heldByTour' : 'free')
}
