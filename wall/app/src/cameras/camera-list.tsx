import type { ApiBridges, ApiCamera, ApiCameras } from '@ioc/contract/messages/api-cameras.ts'
import { isAbnormal } from '@ioc/contract/messages/camera-link.ts'
import { useState } from 'preact/hooks'
import { fold } from '../fold.ts'
import { formatInstant } from '../format.ts'
import { useApi } from '../pages/api.ts'
import { Failed, Section, Table } from '../pages/parts.tsx'
import { sayPage } from '../pages/words.ts'
import { cameraUrl, siteUrl } from '../shell/location.ts'
import { areas, now } from '../state.ts'
import { AddCamera } from './add-camera.tsx'
import { CameraMark, CameraStrip, cameraTitle } from './parts.tsx'
import { useCameraChanges } from './use-cameras.ts'
import { sayCamera, sayState } from './words.ts'
import '../incidents/incidents.css'

const states = ['online', 'degraded', 'offline', 'unknown'] as const

/** All cameras that bridges watch: the abnormal ones first. */
export function CameraList() {
  const version = useCameraChanges('camera')
  const loaded = useApi<ApiCameras>('/api/cameras', version)
  if (loaded.state === 'failed') return <Failed retry={loaded.retry} />
  if (loaded.state !== 'ready') return <p class="muted">{sayPage('loading')}</p>
  const { cameras, may } = loaded.data
  return (
    <article class="page camera-list" data-testid="camera-list">
      {cameras.length === 0 ? (
        <NoCameras />
      ) : (
        <>
          <Section id="abnormal-cameras" title={sayCamera('abnormal')}>
            <CameraStrip cameras={cameras} canSee={may.stills} />
          </Section>
          <Cameras cameras={cameras} />
        </>
      )}
      {may.manage && <Bridges />}
    </article>
  )
}

function NoCameras() {
  return (
    <section class="card">
      <p>{sayCamera('none')}</p>
      <p class="muted">{sayCamera('noneHint')}</p>
      <pre class="line-to-paste">
        ioc camera add cong-chinh http://192.0.2.10/onvif/device_service --username admin --stdin
      </pre>
    </section>
  )
}

function Cameras({ cameras }: { readonly cameras: readonly ApiCamera[] }) {
  const [state, setState] = useState('')
  const [area, setArea] = useState('')
  const [text, setText] = useState('')
  const wanted = fold(text.trim())
  const shown = cameras.filter(
    (one) =>
      (state === '' || one.state === state) &&
      (area === '' || one.area === area) &&
      fold(`${cameraTitle(one)} ${one.site} ${one.name}`).includes(wanted),
  )
  const own = [...new Set(cameras.flatMap((one) => one.area ?? []))].sort()
  const count = (of: string) => cameras.filter((one) => one.state === of).length
  return (
    <Section id="cameras" title={`${sayCamera('cameras')} (${cameras.length})`}>
      <div class="filters">
        <label>
          {sayCamera('state')}
          <select value={state} onChange={(event) => setState(event.currentTarget.value)} data-testid="filter-state">
            <option value="">{`${sayCamera('allStates')} (${cameras.length})`}</option>
            {states.map((one) => (
              <option key={one} value={one}>
                {`${sayState(one)} (${count(one)})`}
              </option>
            ))}
          </select>
        </label>
        <label>
          {sayCamera('area')}
          <select value={area} onChange={(event) => setArea(event.currentTarget.value)}>
            <option value="">{sayCamera('allAreas')}</option>
            {own.map((code) => (
              <option key={code} value={code}>
                {areas.value.get(code)?.name ?? code}
              </option>
            ))}
          </select>
        </label>
        <label>
          {sayCamera('search')}
          <input type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
      </div>
      {shown.length === 0 ? (
        <p class="muted">{sayCamera('noMatch')}</p>
      ) : (
        <Table
          label={sayCamera('cameras')}
          columns={(['camera', 'state', 'since', 'place', 'area'] as const).map((column) => sayCamera(column))}
        >
          {shown.map((camera) => (
            <tr key={`${camera.site}/${camera.name}`} data-testid={`camera-${camera.site}-${camera.name}`}>
              <th scope="row">
                <a href={cameraUrl(camera.site, camera.name)}>{cameraTitle(camera)}</a>
              </th>
              <td>
                <CameraMark camera={camera} />
              </td>
              <td>{isAbnormal(camera) && formatInstant(camera.since, now.value)}</td>
              <td>
                <a href={siteUrl(camera.site)}>{camera.site_name ?? camera.site}</a>
              </td>
              <td>{camera.area !== null && (areas.value.get(camera.area)?.name ?? camera.area)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  )
}

function Bridges() {
  const loaded = useApi<ApiBridges>('/api/camera-bridges')
  const bridges = loaded.state === 'ready' ? loaded.data.bridges : []
  return bridges.length === 0 ? null : <AddCamera bridges={bridges} />
}
