/** Names of the eight winds, clockwise from north. */
const winds = ['bắc', 'đông bắc', 'đông', 'đông nam', 'nam', 'tây nam', 'tây', 'tây bắc'] as const
const windDeg = 360 / winds.length

/** Where a camera looks, for people in the field: the bearing from its position. */
export function alarmText(bearing: number | null, lat: number | null, lon: number | null): string {
  const parts = [
    bearing === null ? undefined : `hướng ${bearing}° (${winds[Math.round(bearing / windDeg) % winds.length]})`,
    lat === null || lon === null ? undefined : `tọa độ camera ${lat.toFixed(5)}, ${lon.toFixed(5)}`,
  ]
  return parts.filter((part) => part !== undefined).join(', ')
}
