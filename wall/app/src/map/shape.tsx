import type { Look } from './levels.ts'

/** The half width of a shape, in units of its drawing. */
const r = 10

/**
 * The shape of a place: a small circle, or a camera; what is abnormal has the shape of its level, what is silent is hatched. Colours
 * come from the style sheet, by `data-look`.
 */
export function Shape({ look, kind }: { readonly look: Look; readonly kind: 'site' | 'camera' }) {
  return (
    <svg class="map-shape" data-look={look} data-kind={kind} viewBox="-12 -12 24 24" aria-hidden="true">
      {shapeOf(look, kind)}
    </svg>
  )
}

function shapeOf(look: Look, kind: 'site' | 'camera') {
  switch (look) {
    case 'attention':
      return <path d="M0,-10 L11,9 L-11,9 Z" />
    case 'warning':
      return <path d="M0,-11 L11,0 L0,11 L-11,0 Z" />
    case 'critical':
      return <rect x={-r} y={-r} width={2 * r} height={2 * r} rx="1" />
    case 'silent':
      return (
        <>
          {kind === 'camera' ? <path d={camera} /> : <circle r="7" />}
          <path class="map-hatch" d="M-5,1 L1,-5 M-4,5 L5,-4 M-1,6 L6,-1" />
        </>
      )
    case 'partly':
      return (
        <>
          {kind === 'camera' ? <path d={camera} /> : <circle r="6" />}
          <path class="map-part" d="M0,-10 A10,10 0 0 1 0,10" />
        </>
      )
    case 'normal':
      return kind === 'camera' ? <path d={camera} /> : <circle r="6" />
    default:
      return look satisfies never
  }
}

/** A camera from the side: its body, and the lens to the right. */
const camera = 'M-9,-6 H3 V-2 L9,-6 V6 L3,2 V6 H-9 Z'
