import type { ApiCameras } from '@ioc/contract/messages/api-cameras.ts'
import { useApi } from '../pages/api.ts'
import { cameraUrl } from '../shell/location.ts'
import { CameraMark, CameraStill } from './parts.tsx'
import { useCameraChanges } from './use-cameras.ts'

/** The cameras of a site, on the map; nothing where it has none. */
export function SiteStills({ site }: { readonly site: string }) {
  const version = useCameraChanges(`camera/${site}`)
  const loaded = useApi<ApiCameras>('/api/cameras', version)
  if (loaded.state !== 'ready') return null
  const { cameras, may } = loaded.data
  return (
    <>
      {cameras
        .filter((camera) => camera.site === site)
        .map((camera) => (
          <a key={camera.name} class="map-link map-still" href={cameraUrl(site, camera.name)}>
            <CameraStill camera={camera} canSee={may.stills} />
            <CameraMark camera={camera} />
          </a>
        ))}
    </>
  )
}
