import Type from 'typebox'
import { Milliseconds, nullable, slug, strict } from './api-schema.ts'
import { AddedCamera, CameraReport, foundCameras, PtzMove, PtzReport } from './camera-link.ts'

/** What the routes of cameras accept and return. */

export const ApiCameraParams = Type.Object({
  site: slug('Name of the site', 'cam-dran-01'),
  camera: slug('Name of the camera', 'camera'),
})
export type ApiCameraParams = Type.Static<typeof ApiCameraParams>

const ApiCamera = Type.Object({
  ...CameraReport.properties,
  site: Type.String(),
  site_name: nullable(Type.String()),
  area: nullable(Type.String()),
  linked: Type.Boolean({ title: 'Whether the bridge of the camera is connected to the wall' }),
  still_ts: nullable({ ...Milliseconds, title: 'When the last still was taken; null: there is none, or it expired' }),
})
export type ApiCamera = Type.Static<typeof ApiCamera>

export const ApiCameras = Type.Object({
  cameras: Type.Array(ApiCamera, { title: 'The abnormal ones first, those that lasted longest before others' }),
  may: Type.Object({ stills: Type.Boolean(), move: Type.Boolean(), manage: Type.Boolean() }),
})
export type ApiCameras = Type.Static<typeof ApiCameras>

export const ApiCameraDetail = Type.Object({
  camera: ApiCamera,
  incidents: Type.Array(Type.Integer(), { title: 'Numbers of the active incidents about the camera' }),
  may: ApiCameras.properties.may,
})
export type ApiCameraDetail = Type.Static<typeof ApiCameraDetail>

/** With its time, the address of a new still is another one. */
export const ApiStillQuery = Type.Object({ ts: Type.Optional(Milliseconds) })

export const ApiPtz = PtzMove
export type ApiPtz = Type.Static<typeof ApiPtz>
export const ApiPtzResult = PtzReport

export const ApiCameraAlarm = Type.Object(
  {
    kind: Type.Unsafe<'smoke' | 'fire' | 'other'>(Type.String({ enum: ['smoke', 'fire', 'other'] })),
    text: Type.String({ maxLength: 500 }),
  },
  strict,
)
export type ApiCameraAlarm = Type.Static<typeof ApiCameraAlarm>

export const ApiCameraAlarmed = Type.Object({
  bearing_deg: nullable(Type.Number()),
  lat: nullable(Type.Number()),
  lon: nullable(Type.Number()),
  still_ts: nullable(Milliseconds),
})

export const ApiBridges = Type.Object({
  bridges: Type.Array(Type.Object({ site: Type.String(), node: Type.String() })),
})
export type ApiBridges = Type.Static<typeof ApiBridges>

export const ApiBridgeParams = Type.Object({
  site: slug('Site of the bridge', 'ubnd-ka-do'),
  node: slug('Name of the bridge', 'camera-bridge'),
})
export type ApiBridgeParams = Type.Static<typeof ApiBridgeParams>

export const ApiFoundCameras = Type.Object({ found: foundCameras })
export type ApiFoundCameras = Type.Static<typeof ApiFoundCameras>

export const ApiAddCamera = AddedCamera

export const ApiCameraAdded = Type.Object({
  state: Type.String({ title: 'Of the first check: online, degraded, offline' }),
  reason: nullable(Type.String()),
})

export const ApiIncidentStills = Type.Object({
  stills: Type.Array(
    Type.Object({ name: Type.String(), site: Type.String(), camera: Type.String(), ts: Milliseconds }),
  ),
})
export type ApiIncidentStills = Type.Static<typeof ApiIncidentStills>

export const ApiIncidentStillParams = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  name: Type.String({ maxLength: 200 }),
})
export type ApiIncidentStillParams = Type.Static<typeof ApiIncidentStillParams>
