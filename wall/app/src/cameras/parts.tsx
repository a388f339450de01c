import type { ApiCamera } from '@ioc/contract/messages/api-cameras.ts'
import { isAbnormal } from '@ioc/contract/messages/camera-link.ts'
import { formatInstant } from '../format.ts'
import { Badge } from '../pages/parts.tsx'
import { cameraUrl, pathOf } from '../shell/location.ts'
import { now } from '../state.ts'
import { sayCamera, sayReason, sayState } from './words.ts'
import './cameras.css'

export const cameraTitle = ({ title, site_name, site, name }: ApiCamera): string =>
  title ?? `${site_name ?? site} · ${name}`

/** Offline is a warning, anything else that is wrong needs attention; what no bridge reports now is hatched. */
export function CameraMark({ camera }: { readonly camera: ApiCamera }) {
  const { state, reason, linked } = camera
  if (!linked) return <span class="badge silent">{sayCamera('unlinked')}</span>
  const text = reason === null ? sayState(state) : sayReason(reason)
  if (!isAbnormal(camera)) return <span class="muted">{text}</span>
  return <Badge level={state === 'offline' ? 2 : 1} text={text} />
}

interface StillProps {
  readonly camera: ApiCamera
  readonly canSee: boolean
}

/** The last still, with the time at which it was taken; a frame of the same size where there is none. */
export function CameraStill({ camera, canSee }: StillProps) {
  const { site, name, still_ts: ts } = camera
  if (!canSee || ts === null) {
    return (
      <div class="still none">
        <span>{sayCamera(canSee ? 'noStill' : 'stillForOperators')}</span>
      </div>
    )
  }
  return (
    <figure class="still">
      <img
        src={`/api/cameras/${pathOf(site, name)}/still?ts=${ts}`}
        alt={`${sayCamera('lastStill')}: ${cameraTitle(camera)}`}
        loading="lazy"
        data-testid="still"
      />
      <figcaption>{`${sayCamera('takenAt')} ${formatInstant(ts, now.value)}`}</figcaption>
    </figure>
  )
}

/** The abnormal cameras, each with its last still. */
export function CameraStrip({ cameras, canSee }: { readonly cameras: readonly ApiCamera[]; readonly canSee: boolean }) {
  const abnormal = cameras.filter((camera) => isAbnormal(camera) || !camera.linked).slice(0, maxInStrip)
  if (abnormal.length === 0) return <p class="muted">{sayCamera('allNormal')}</p>
  return (
    <ul class="camera-strip" data-testid="camera-strip">
      {abnormal.map((camera) => (
        <li key={`${camera.site}/${camera.name}`}>
          <a href={cameraUrl(camera.site, camera.name)}>
            <CameraStill camera={camera} canSee={canSee} />
            <strong>{cameraTitle(camera)}</strong>
            <CameraMark camera={camera} />
            <small class="muted">{formatInstant(camera.since, now.value)}</small>
          </a>
        </li>
      ))}
    </ul>
  )
}

/** Cameras in the strip; all are in the list. */
const maxInStrip = 12
