import type { CameraReason } from '@ioc/contract/device-types/camera-health.ts'
import type { ApiBridges, ApiFoundCameras } from '@ioc/contract/messages/api-cameras.ts'
import type { CameraStateWord } from '@ioc/contract/messages/camera-link.ts'
import { useState } from 'preact/hooks'
import { messageOf, send } from '../pages/api.ts'
import { Section, Table } from '../pages/parts.tsx'
import { pathOf } from '../shell/location.ts'
import { sayCamera, sayReason, sayState } from './words.ts'

type Bridge = ApiBridges['bridges'][number]

/** Administrators look for cameras beside a bridge, and add one. Found is offered, and not added by itself. */
export function AddCamera({ bridges }: { readonly bridges: readonly Bridge[] }) {
  const [at, setAt] = useState(0)
  const [address, setAddress] = useState('')
  const bridge = bridges[Math.min(at, bridges.length - 1)]
  if (!bridge) return null
  return (
    <Section id="add-camera" title={sayCamera('add')}>
      <div class="filters">
        <label>
          {sayCamera('bridge')}
          <select value={at} onChange={(event) => setAt(Number(event.currentTarget.value))}>
            {bridges.map(({ site, node }, index) => (
              <option key={`${site}/${node}`} value={index}>
                {`${site}/${node}`}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Discovery bridge={bridge} onChoose={setAddress} />
      <AddForm bridge={bridge} address={address} onAddress={setAddress} />
    </Section>
  )
}

function Discovery({ bridge, onChoose }: { readonly bridge: Bridge; readonly onChoose: (address: string) => void }) {
  const [searched, setFound] = useState<ApiFoundCameras['found']>()
  const offered = bridge.offered.length > 0 ? bridge.offered : undefined
  const found = searched ?? offered
  const [isBusy, setBusy] = useState(false)
  const [hasFailed, setFailed] = useState(false)
  const discover = async (): Promise<void> => {
    setBusy(true)
    const response = await send('POST', `/api/camera-bridges/${pathOf(bridge.site, bridge.node)}/discover`)
    setBusy(false)
    setFailed(response?.ok !== true)
    if (response?.ok) setFound(((await response.json()) as ApiFoundCameras).found)
  }
  return (
    <>
      <p class="buttons">
        <button type="button" disabled={isBusy} onClick={() => void discover()} data-testid="discover">
          {sayCamera(isBusy ? 'discovering' : 'discover')}
        </button>
        {hasFailed && <span role="alert">{sayCamera('failed')}</span>}
      </p>
      {!searched && offered && <p data-testid="offered">{sayCamera('offered')}</p>}
      {found?.length === 0 && <p class="muted">{sayCamera('foundNone')}</p>}
      {found && found.length > 0 && (
        <Table
          label={sayCamera(searched ? 'found' : 'offered')}
          columns={[sayCamera('address'), sayCamera('title'), sayCamera('choose')]}
        >
          {found.map(({ onvif, name, hardware, known }) => (
            <tr key={onvif}>
              <th scope="row">{onvif}</th>
              <td>{[name, hardware].filter((part) => part !== '').join(', ')}</td>
              <td>
                {known ? (
                  sayCamera('known')
                ) : (
                  <button type="button" onClick={() => onChoose(onvif)}>
                    {sayCamera('choose')}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </>
  )
}

interface AddFormProps {
  readonly bridge: Bridge
  readonly address: string
  readonly onAddress: (address: string) => void
}

function AddForm({ bridge, address, onAddress }: AddFormProps) {
  const [outcome, setOutcome] = useState('')
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const data = new FormData(form)
    const given = [...data].flatMap(([name, value]) => (value === '' ? [] : [[name, String(value)] as const]))
    const path = `/api/camera-bridges/${pathOf(bridge.site, bridge.node)}/cameras`
    const response = await send('POST', path, Object.fromEntries(given))
    if (response?.ok !== true) return setOutcome((await messageOf(response)) ?? sayCamera('failed'))
    const { state, reason } = (await response.json()) as {
      readonly state: CameraStateWord
      readonly reason: CameraReason | null
    }
    form.reset()
    onAddress('')
    setOutcome(`${sayCamera('added')}: ${reason === null ? sayState(state) : sayReason(reason)}`)
  }
  return (
    <>
      <form class="window-form" onSubmit={submit}>
        <label>
          {sayCamera('name')}
          <input name="name" required maxLength={64} pattern="[A-Za-z0-9][A-Za-z0-9_.\-]*" />
        </label>
        <label>
          {sayCamera('address')}
          <input
            name="address"
            required
            maxLength={500}
            value={address}
            onInput={(event) => onAddress(event.currentTarget.value)}
          />
        </label>
        <label>
          {sayCamera('typeOf')}
          <select name="type">
            <option value="camera">{sayCamera('fixed')}</option>
            <option value="high_camera">{sayCamera('high')}</option>
          </select>
        </label>
        <label>
          {sayCamera('title')}
          <input name="title" maxLength={200} />
        </label>
        <label>
          {sayCamera('username')}
          <input name="username" maxLength={100} autocomplete="off" />
        </label>
        <label>
          {sayCamera('password')}
          <input name="password" type="password" maxLength={200} autocomplete="new-password" />
        </label>
        <label>
          {sayCamera('liveUrl')}
          <input name="live_url" maxLength={500} type="url" />
        </label>
        <button type="submit" class="primary" data-testid="add-camera-submit">
          {sayCamera('test')}
        </button>
      </form>
      <p role="status" data-testid="add-camera-outcome">
        {outcome}
      </p>
    </>
  )
}
