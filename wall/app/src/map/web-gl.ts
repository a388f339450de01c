/** How the browser draws WebGL: by a graphics card, by the processor, or not at all. */
export type WebGl = 'hardware' | 'software' | 'none'

const softwareRenderers = /swiftshader|llvmpipe|software|basic render/i

/** Asks the browser with a context that is released at once. */
export function webGlSupport(): WebGl {
  const gl = document.createElement('canvas').getContext('webgl2')
  if (!gl) return 'none'
  const info = gl.getExtension('WEBGL_debug_renderer_info')
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER))
  gl.getExtension('WEBGL_lose_context')?.loseContext()
  return softwareRenderers.test(renderer) ? 'software' : 'hardware'
}

/** Pixels that a processor draws without being slow: the ground is coarser then, the marks and texts are not. */
const maxSoftwarePixels = 1_000_000

/** Pixels of the canvas for each CSS pixel. */
export function pixelRatioFor(kind: WebGl, width: number, height: number, devicePixelRatio: number): number {
  if (kind !== 'software') return devicePixelRatio
  return Math.min(devicePixelRatio, Math.sqrt(maxSoftwarePixels / Math.max(1, width * height)))
}
