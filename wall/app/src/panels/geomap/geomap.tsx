import { useEffect } from 'preact/hooks'
import { DistrictMap } from '../../map/district-map.tsx'
import { LiveDistrictMap, mapAreas, SiteDetails } from '../../map/live-map.tsx'
import { loadMap, outlines } from '../../map/outlines.ts'
import { homeUid, route } from '../../shell/location.ts'
import type { PanelProps } from '../panel.ts'
import { placesOfFrames, positionsOfFrames } from './frame-places.ts'

/** A map of what the queries returned. On the home board it is that of the whole district, as the live topics say. */
export default function Geomap({ frames }: PanelProps) {
  useEffect(loadMap, [])
  const current = route.value
  if (current.page === 'board' && current.uid === homeUid)
    return <LiveDistrictMap positions={positionsOfFrames(frames)} />
  return (
    <DistrictMap
      // The board shows its own places: the levels of whole areas are those of the home board.
      areas={mapAreas.value.map((area) => ({ ...area, level: 0 }))}
      outlines={outlines.value}
      places={placesOfFrames(frames)}
      details={({ site }) => <SiteDetails site={site} />}
    />
  )
}
