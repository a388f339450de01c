import Type from 'typebox'
import { AreaCode, Latitude, Longitude, PlaceName, SiteName } from './place.ts'
import { type SiteKind, siteKinds } from './site-kinds.ts'

/** A site, and the code of the area that it is in. */
export const Site = Type.Object(
  {
    site: SiteName,
    area: AreaCode,
    name: Type.Optional(PlaceName),
    kind: Type.Optional(
      Type.Enum(Object.keys(siteKinds) as SiteKind[], {
        description: `a kind of site: ${Object.keys(siteKinds).join(', ')}`,
      }),
    ),
    lat: Type.Optional(Latitude),
    lon: Type.Optional(Longitude),
  },
  { additionalProperties: false },
)
export type Site = Type.Static<typeof Site>

/** `district/sites.yaml`, and `example-sites.yaml`. All of them must fit one live message. */
export const SitesFile = Type.Object({ sites: Type.Array(Site, { maxItems: 1_000 }) }, { additionalProperties: false })
export type SitesFile = Type.Static<typeof SitesFile>
