import { cameraSteps } from '@ioc/contract/device-types/camera-health.ts'
import type { ApiCamera, ApiCameraDetail } from '@ioc/contract/messages/api-cameras.ts'
import { useEffect, useState } from 'preact/hooks'
import { formatInstant, formatNumber } from '../format.ts'
import { PlaceIncidents } from '../incidents/place-incidents.tsx'
import { send, useApi } from '../pages/api.ts'
import { Badge, Fact, Failed, Section, Table } from '../pages/parts.tsx'
import { UnknownPage } from '../pages/unknown-page.tsx'
import { sayPage } from '../pages/words.ts'
import { cameraUrl, deviceUrl, navigate, siteUrl } from '../shell/location.ts'
import { deviceName } from '../shell/page-title.ts'
import { areas, now } from '../state.ts'
import { sayArea } from '../words.ts'
import { AlarmForm, Reports } from './alarm.tsx'
import { CameraMark, CameraStill, cameraTitle } from './parts.tsx'
import { PtzPanel } from './ptz-panel.tsx'
import { useCameraChanges } from './use-cameras.ts'
import { figureOf, sayCamera, sayClockSource, sayEvent, sayOutcome, sayPicture, sayStep } from './words.ts'
import '../incidents/incidents.css'

interface CameraPageProps {
  readonly site: string
  readonly camera: string
}

/** A camera: what it shows, what is wrong with it and by which figure, and its moves where it turns. */
export function CameraPage({ site, camera: name }: CameraPageProps) {
  const path = `/api${cameraUrl(site, name)}`
  const changes = useCameraChanges(`camera/${site}/${name}`)
  const [actions, setActions] = useState(0)
  const loaded = useApi<ApiCameraDetail>(path, changes + actions)
  const title = loaded.state === 'ready' ? cameraTitle(loaded.data.camera) : undefined
  useEffect(() => {
    deviceName.value = title
    return () => {
      deviceName.value = undefined
    }
  }, [title])
  if (loaded.state === 'missing') return <UnknownPage what="device" name={`${site}/${name}`} />
  if (loaded.state === 'failed') return <Failed retry={loaded.retry} />
  if (loaded.state === 'loading') return <p class="muted">{sayPage('loading')}</p>
  const { camera, may, incidents } = loaded.data
  const again = () => setActions((count) => count + 1)
  return (
    <article class="page camera-page" data-testid="camera-page">
      <Head camera={camera} />
      <PlaceIncidents site={site} device={name} />
      <div class="camera-columns">
        <div class="page">
          <Section id="camera-still" title={sayCamera('lastStill')}>
            <CameraStill camera={camera} canSee={may.stills} />
            <p class="buttons">
              {may.stills && <TakeStill path={path} onTaken={again} />}
              {camera.live_url !== null && (
                <a href={camera.live_url} target="_blank" rel="noopener noreferrer" data-testid="live-link">
                  {sayCamera('live')} ↗
                </a>
              )}
            </p>
          </Section>
          {camera.ptz && <PtzPanel path={path} ptz={camera.ptz} may={may.move} onMoved={again} />}
          {may.move && <AlarmForm path={path} camera={camera} />}
          <Reports incidents={incidents} />
        </div>
        <div class="page">
          <Steps camera={camera} />
          <Figures camera={camera} />
          <Counts camera={camera} />
          {may.manage && <Remove path={path} />}
        </div>
      </div>
    </article>
  )
}

function Head({ camera }: { readonly camera: ApiCamera }) {
  const { site, name, site_name, area, since, response_ms: response, masks, lat, lon } = camera
  const { clock_offset_s: offset, clock_source: source } = camera
  return (
    <header class="page-head">
      <h2>
        {cameraTitle(camera)} <CameraMark camera={camera} />
      </h2>
      <dl>
        <Fact name={sayCamera('since')}>{formatInstant(since, now.value)}</Fact>
        <Fact name={sayCamera('place')}>
          <a href={siteUrl(site)}>{site_name ?? site}</a>
        </Fact>
        {area !== null && <Fact name={sayCamera('area')}>{sayArea(area, areas.value.get(area))}</Fact>}
        {lat !== null && lon !== null && (
          <Fact name={sayPage('coordinates')}>{`${lat.toFixed(4)}, ${lon.toFixed(4)}`}</Fact>
        )}
        {offset !== null && <Fact name={sayCamera('clockOffset')}>{`${formatNumber(offset)} s`}</Fact>}
        {source !== null && <Fact name={sayCamera('clockSource')}>{sayClockSource(source)}</Fact>}
        {response !== null && <Fact name={sayCamera('response')}>{`${formatNumber(response)} ms`}</Fact>}
        {masks > 0 && <Fact name={sayCamera('masks')}>{masks}</Fact>}
      </dl>
      <a href={deviceUrl(site, name)}>{sayCamera('device')}</a>
    </header>
  )
}

function TakeStill({ path, onTaken }: { readonly path: string; readonly onTaken: () => void }) {
  const [state, setState] = useState<'idle' | 'busy' | 'failed'>('idle')
  const take = async (): Promise<void> => {
    setState('busy')
    const response = await send('POST', `${path}/still`)
    setState(response?.ok ? 'idle' : 'failed')
    onTaken()
  }
  return (
    <>
      <button type="button" disabled={state === 'busy'} onClick={() => void take()} data-testid="take-still">
        {sayCamera('takeStill')}
      </button>
      {state === 'failed' && <span role="alert">{sayCamera('failed')}</span>}
    </>
  )
}

const stepLevels = { ok: 0, warning: 1, failed: 2, unknown: 0, unsupported: 0 } as const

function Steps({ camera }: { readonly camera: ApiCamera }) {
  return (
    <Section id="camera-steps" title={sayCamera('steps')}>
      <Table label={sayCamera('steps')} columns={[sayCamera('step'), sayCamera('result')]}>
        {cameraSteps.map((step) => {
          const isPicture = step === 'picture'
          const state = camera.steps[step] ?? 'unknown'
          const text = isPicture ? sayPicture(camera.picture) : sayOutcome(state)
          const isBad = camera.picture !== 'ok' && camera.picture !== 'unknown'
          const level = isPicture ? Number(isBad) * 2 : stepLevels[state]
          return (
            <tr key={step} data-testid={`step-${step}`}>
              <th scope="row">{sayStep(step)}</th>
              <td>{level === 0 ? <span class="muted">{text}</span> : <Badge level={level} text={text} />}</td>
            </tr>
          )
        })}
      </Table>
    </Section>
  )
}

function Figures({ camera: { rules } }: { readonly camera: ApiCamera }) {
  if (rules.length === 0) return null
  return (
    <Section id="camera-figures" title={sayCamera('figures')}>
      <Table label={sayCamera('figures')} columns={[sayCamera('sign'), sayCamera('result'), sayCamera('figure')]}>
        {rules.map(({ fault, shows, figure, limit, direction }) => (
          <tr key={fault}>
            <th scope="row">{sayPicture(fault)}</th>
            <td>{shows ? <Badge level={1} text={sayCamera('shows')} /> : sayCamera('showsNot')}</td>
            <td class="rule">{ruleText(fault, figure, limit, direction)}</td>
          </tr>
        ))}
      </Table>
    </Section>
  )
}

function ruleText(fault: string, figure: number | null, limit: number | null, direction: 'above' | 'below'): string {
  const { name, unit, factor } = figureOf(fault)
  const shown = (value: number) => `${formatNumber(Math.round(value * factor * 100) / 100)}${unit}`
  const measured = figure === null ? sayCamera('notKnown') : shown(figure)
  if (limit === null) return `${name} ${measured}; ${sayCamera(fault === 'frozen' ? 'equalBytes' : 'notLearned')}`
  return `${name} ${measured}; ${sayCamera(direction === 'above' ? 'limitAbove' : 'limitBelow')} ${shown(limit)}`
}

function Counts({ camera: { counts } }: { readonly camera: ApiCamera }) {
  const shown = Object.entries(counts).filter(([, count]) => count > 0)
  return (
    <Section id="camera-counts" title={sayCamera('counts')}>
      {shown.length === 0 ? (
        <p class="muted">{sayCamera('noCounts')}</p>
      ) : (
        <dl class="counts">
          {shown.map(([kind, count]) => (
            <Fact key={kind} name={sayEvent(kind)}>
              {formatNumber(count)}
            </Fact>
          ))}
        </dl>
      )}
    </Section>
  )
}

function Remove({ path }: { readonly path: string }) {
  const [hasFailed, setFailed] = useState(false)
  const remove = async (): Promise<void> => {
    if (!confirm(sayCamera('removeSure'))) return
    const response = await send('DELETE', path)
    if (response?.ok) navigate('/cameras')
    else setFailed(true)
  }
  return (
    <p class="buttons">
      <button type="button" onClick={() => void remove()}>
        {sayCamera('remove')}
      </button>
      {hasFailed && <span role="alert">{sayCamera('failed')}</span>}
    </p>
  )
}
