import type { Outline } from '@ioc/contract/district/outlines.ts'
import type { Level } from '@ioc/contract/messages/live.ts'
import type {
  ExpressionSpecification,
  GeoJSONSourceSpecification,
  LayerSpecification,
  SourceSpecification,
  StyleSpecification,
} from 'maplibre-gl'

/** Colours of the map, as the style sheet has them in the theme that is shown. */
export interface MapColours {
  /** Outside of the areas, and inside. */
  readonly ground: string
  readonly area: string
  readonly outline: string
  readonly water: string
  readonly wood: string
  readonly road: string
  /** Of the levels 1 to 3. */
  readonly levels: readonly [string, string, string]
}

/** The base map that the operator provides. */
export interface BaseMap {
  readonly url: string
  readonly kind: 'vector' | 'raster'
}

export type OutlineData = Exclude<GeoJSONSourceSpecification['data'], string>

export const outlineSource = 'outlines'
const baseSource = 'base'

/** The names of water, woods and roads in the schemas of OpenMapTiles and of Protomaps. */
const waterLayers = ['water', 'physical_polygon'] as const
const waterwayLayers = ['waterway', 'physical_line'] as const
const woodLayers = ['landcover', 'landuse', 'natural'] as const
const roadLayers = ['transportation', 'roads'] as const

const wooded = ['wood', 'forest', 'park', 'nature_reserve', 'national_park', 'protected_area'] as const
const mainRoads = ['motorway', 'trunk', 'primary', 'secondary', 'highway', 'major_road', 'tertiary'] as const

/** A layer says what it shows in one of these, by schema. */
const kindOf: ExpressionSpecification = ['coalesce', ['get', 'class'], ['get', 'kind'], ['get', 'pmap:kind'], '']

/**
 * The style of the map: the areas are calm surfaces with a grey outline; an abnormal one has the colour of its level. Water
 * is the only other colour. Texts are not of the style: they would need glyphs from a server.
 */
export function mapStyle(
  outlines: readonly Outline[],
  levelOf: (code: string) => Level,
  colours: MapColours,
  base: BaseMap | undefined,
  em: number,
): StyleSpecification {
  const sources: Record<string, SourceSpecification> = {
    [outlineSource]: { type: 'geojson', data: outlineData(outlines, levelOf) },
  }
  if (base?.kind === 'vector') sources[baseSource] = { type: 'vector', url: base.url }
  if (base?.kind === 'raster') sources[baseSource] = { type: 'raster', url: base.url, tileSize: 256 }
  const [attention, warning, critical] = colours.levels
  const byLevel = (normal: string): ExpressionSpecification => {
    return ['match', ['get', 'level'], 1, attention, 2, warning, 3, critical, normal]
  }
  const ofLevel = <T>(normal: T, abnormal: T): ExpressionSpecification => {
    return ['case', ['>', ['get', 'level'], 0], abnormal, normal] as ExpressionSpecification
  }
  return {
    version: 8,
    sources,
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': colours.ground } },
      {
        id: 'area',
        type: 'fill',
        source: outlineSource,
        paint: { 'fill-color': colours.area, 'fill-antialias': false },
      },
      ...(base ? baseLayers(base, colours) : []),
      {
        id: 'area-level',
        type: 'fill',
        source: outlineSource,
        filter: ['>', ['get', 'level'], 0],
        paint: { 'fill-color': byLevel(colours.area), 'fill-opacity': abnormalTint },
      },
      {
        id: 'area-outline',
        type: 'line',
        source: outlineSource,
        layout: { 'line-join': 'round', 'line-sort-key': ['get', 'level'] },
        paint: {
          'line-color': byLevel(colours.outline),
          'line-width': ofLevel(outlineEm * em, abnormalOutlineEm * em),
        },
      },
    ],
  }
}

/** How strongly an abnormal area is tinted: its sites stand out of it. */
const abnormalTint = 0.12
/** Widths of outlines, in text sizes: on a large wall they are wider. */
const outlineEm = 0.1
const abnormalOutlineEm = 0.2

/** The outlines of areas in force, with their levels. */
export function outlineData(outlines: readonly Outline[], levelOf: (code: string) => Level): OutlineData {
  return {
    type: 'FeatureCollection',
    features: outlines.map(({ properties: { code }, geometry }) => ({
      type: 'Feature',
      properties: { code, level: levelOf(code) },
      geometry,
    })),
  } as OutlineData
}

function baseLayers({ kind }: BaseMap, { water, wood, road }: MapColours): LayerSpecification[] {
  if (kind === 'raster') {
    return [
      { id: 'base', type: 'raster', source: baseSource, paint: { 'raster-saturation': -1, 'raster-opacity': 0.5 } },
    ]
  }
  const ofKinds = (kinds: readonly string[]): ExpressionSpecification => ['in', kindOf, ['literal', [...kinds]]]
  return [
    ...woodLayers.map((layer): LayerSpecification => {
      const paint = { 'fill-color': wood, 'fill-antialias': false }
      return {
        id: `base-${layer}`,
        type: 'fill',
        source: baseSource,
        'source-layer': layer,
        filter: ofKinds(wooded),
        paint,
      }
    }),
    ...waterLayers.map((layer): LayerSpecification => {
      const filter: ExpressionSpecification = ['==', ['geometry-type'], 'Polygon']
      return {
        id: `base-${layer}`,
        type: 'fill',
        source: baseSource,
        'source-layer': layer,
        filter,
        paint: { 'fill-color': water },
      }
    }),
    ...[...waterwayLayers, ...waterLayers].map((layer): LayerSpecification => {
      const filter: ExpressionSpecification = ['==', ['geometry-type'], 'LineString']
      const paint = { 'line-color': water, 'line-width': 1.5 }
      return { id: `base-${layer}-line`, type: 'line', source: baseSource, 'source-layer': layer, filter, paint }
    }),
    ...roadLayers.map((layer): LayerSpecification => {
      const paint = { 'line-color': road, 'line-width': 1.5 }
      return {
        id: `base-${layer}`,
        type: 'line',
        source: baseSource,
        'source-layer': layer,
        filter: ofKinds(mainRoads),
        paint,
      }
    }),
  ]
}
