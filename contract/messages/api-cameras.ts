import Type from 'typebox'
import { Milliseconds, nullable, slug, strict } from './api-schema.ts'
import { AddedCamera, CameraReport, foundCameras, PtzMove, PtzReport } from './camera-link.ts'
import { type ReportState, reportStates } from './incidents.ts'

/** What the routes of cameras accept and return. */

const examplePtz: PtzReport = {
  presets: [{ token: '3', name: 'Đồi thông', bearing_deg: 215 }],
  ...{ at: '3', home: '1', moving: false, pan: 0.19, tilt: 0.1, zoom: 0.2, bearing_deg: 215 },
  tour: { steps: 4, running: false },
  lease: { holder: 'lan', priority: 'operator', until: 1_796_046_060_000 },
}
const exampleRights = { stills: true, move: true, manage: false }

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

const exampleCamera: ApiCamera = {
  ...{ name: 'camera', type: 'high_camera', title: 'Camera tầm cao D’Ran', site: 'cam-cao-dran', site_name: null },
  ...{ area: '24934', lat: 11.79, lon: 108.57, live_url: null, linked: true, still_ts: 1_796_046_000_000 },
  ...{ state: 'online', since: 1_796_040_000_000, reason: null, steps: { reachable: 'ok', clock: 'ok' } },
  ...{ picture: 'ok', picture_ts: 1_796_046_000_000, clock_offset_s: 0.2, clock_source: 'ntp', response_ms: 41 },
  rules: [{ fault: 'dark', shows: false, figure: 96, limit: 12, direction: 'below' }],
  ...{ counts: { motion: 12 }, masks: 1, ptz: examplePtz },
}

export const ApiCameras = Type.Object(
  {
    cameras: Type.Array(ApiCamera, { title: 'The abnormal ones first, those that lasted longest before others' }),
    may: Type.Object({ stills: Type.Boolean(), move: Type.Boolean(), manage: Type.Boolean() }),
  },
  { examples: [{ cameras: [exampleCamera], may: exampleRights }] },
)
export type ApiCameras = Type.Static<typeof ApiCameras>

export const ApiCameraDetail = Type.Object(
  {
    camera: ApiCamera,
    incidents: Type.Array(Type.Integer(), { title: 'Numbers of the active incidents about the camera' }),
    may: ApiCameras.properties.may,
  },
  { examples: [{ camera: exampleCamera, incidents: [], may: exampleRights }] },
)
export type ApiCameraDetail = Type.Static<typeof ApiCameraDetail>

/** With its time, the address of a new still is another one. */
export const ApiStillQuery = Type.Object({
  ts: Type.Optional({ ...Milliseconds, examples: [1_796_046_000_000] }),
})

export const ApiPtz = Type.Union([...PtzMove.anyOf], { examples: [{ kind: 'preset', token: '3' }] })
export type ApiPtz = Type.Static<typeof ApiPtz>
export const ApiPtzResult = Type.Object({ ...PtzReport.properties }, { ...strict, examples: [examplePtz] })

export const ApiCameraAlarm = Type.Object(
  {
    kind: Type.Unsafe<ReportState>(Type.String({ enum: [...reportStates] })),
    text: Type.String({ maxLength: 500 }),
  },
  { ...strict, examples: [{ kind: 'smoke', text: 'Khói trắng, lan về hướng đông' }] },
)
export type ApiCameraAlarm = Type.Static<typeof ApiCameraAlarm>

export const ApiCameraAlarmed = Type.Object(
  {
    bearing_deg: nullable(Type.Number()),
    lat: nullable(Type.Number()),
    lon: nullable(Type.Number()),
    still_ts: nullable(Milliseconds),
  },
  { examples: [{ bearing_deg: 215, lat: 11.79, lon: 108.57, still_ts: 1_796_046_000_000 }] },
)

export const ApiBridges = Type.Object(
  {
    bridges: Type.Array(
      Type.Object({
        site: Type.String(),
        node: Type.String(),
        offered: { ...foundCameras, title: 'Cameras that announced themselves, and are not added yet' },
      }),
    ),
  },
  { examples: [{ bridges: [{ site: 'ubnd-ka-do', node: 'camera-bridge', offered: [] }] }] },
)
export type ApiBridges = Type.Static<typeof ApiBridges>

export const ApiBridgeParams = Type.Object({
  site: slug('Site of the bridge', 'ubnd-ka-do'),
  node: slug('Name of the bridge', 'camera-bridge'),
})
export type ApiBridgeParams = Type.Static<typeof ApiBridgeParams>

export const ApiFoundCameras = Type.Object(
  { found: foundCameras },
  {
    examples: [
      {
        found: [
          { onvif: 'http://192.168.1.64/onvif/device_service', name: 'IPC', hardware: 'DS-2CD2043', known: false },
        ],
      },
    ],
  },
)
export type ApiFoundCameras = Type.Static<typeof ApiFoundCameras>

export const ApiAddCamera = Type.Object(
  { ...AddedCamera.properties },
  { ...strict, examples: [{ name: 'camera', address: 'http://192.168.1.64', type: 'camera', username: 'ioc' }] },
)

export const ApiCameraAdded = Type.Object(
  {
    state: Type.String({ title: 'Of the first check: online, degraded, offline' }),
    reason: nullable(Type.String()),
  },
  { examples: [{ state: 'online', reason: null }] },
)

const exampleStill = '1796046000000-cam-cao-dran@camera.jpg'

export const ApiIncidentStills = Type.Object(
  {
    stills: Type.Array(
      Type.Object({ name: Type.String(), site: Type.String(), camera: Type.String(), ts: Milliseconds }),
    ),
  },
  { examples: [{ stills: [{ name: exampleStill, site: 'cam-cao-dran', camera: 'camera', ts: 1_796_046_000_000 }] }] },
)
export type ApiIncidentStills = Type.Static<typeof ApiIncidentStills>

export const ApiIncidentStillParams = Type.Object({
  id: Type.Integer({ minimum: 1, examples: [12] }),
  name: Type.String({ maxLength: 200, examples: [exampleStill] }),
})
export type ApiIncidentStillParams = Type.Static<typeof ApiIncidentStillParams>
