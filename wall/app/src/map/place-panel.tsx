import type { ComponentChildren } from 'preact'
import { lookOf } from './levels.ts'
import type { MapArea, MapPlace } from './places.ts'
import { Shape } from './shape.tsx'
import { useCloseOnEscape } from './slide-over.ts'
import { stateOf } from './state-text.ts'
import { mapWord } from './words.ts'

export interface PlacePanelProps {
  readonly place: MapPlace
  readonly area: MapArea | undefined
  readonly details: ComponentChildren
  readonly onClose: () => void
}

/** What is known of a place, over a part of the map: the map keeps its position. */
export function PlacePanel({ place, area, details, onClose }: PlacePanelProps) {
  const panel = useCloseOnEscape(onClose)
  return (
    <aside class="map-panel" aria-label={place.name} ref={panel} tabIndex={-1} data-testid="map-place">
      <header>
        <h3>{place.name}</h3>
        <button type="button" class="map-close" aria-label={mapWord('close')} onClick={onClose}>
          ✕
        </button>
      </header>
      <p class="map-line" data-look={lookOf(place)}>
        <Shape look={lookOf(place)} kind={place.kind} />
        <strong>{stateOf(place) || mapWord('normal')}</strong>
        <span class="map-state">{area?.name}</span>
      </p>
      {details}
      <a class="map-link" href={`/sites/${encodeURIComponent(place.site)}`}>
        {mapWord('openSite')} →
      </a>
    </aside>
  )
}
