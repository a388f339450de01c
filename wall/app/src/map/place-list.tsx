import { lookOf } from './levels.ts'
import type { MapArea, MapPlace } from './places.ts'
import { Shape } from './shape.tsx'
import { useCloseOnEscape } from './slide-over.ts'
import { stateOf } from './state-text.ts'
import { mapWord } from './words.ts'

export interface PlaceListProps {
  readonly areas: readonly MapArea[]
  /** The worst first. */
  readonly places: readonly MapPlace[]
  readonly onChoose: (place: MapPlace) => void
  readonly onClose: () => void
}

/** The places of the map as text, for whoever reads no map: by area, what is abnormal first. */
export function PlaceList({ areas, places, onChoose, onClose }: PlaceListProps) {
  const panel = useCloseOnEscape(onClose)
  const names = new Map(areas.map(({ code, name }) => [code, name]))
  const groups = Map.groupBy(places, ({ area }) => names.get(area ?? '') ?? '')
  return (
    <aside class="map-panel" aria-label={mapWord('list')} ref={panel} tabIndex={-1} data-testid="map-list">
      <header>
        <h3>{mapWord('list')}</h3>
        <button type="button" class="map-close" aria-label={mapWord('close')} onClick={onClose}>
          ✕
        </button>
      </header>
      {[...groups].map(([name, some]) => (
        <section key={name}>
          {name !== '' && <h4>{name}</h4>}
          <ul>
            {some.map((place) => (
              <li key={place.key}>
                <button type="button" class="map-row" onClick={() => onChoose(place)}>
                  <Shape look={lookOf(place)} kind={place.kind} />
                  <span>{place.name}</span>
                  <span class="map-state">{stateOf(place)}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </aside>
  )
}
