/** A line drawing on a square of 16 units for each domain, by the uid of its board. */
const drawings: Readonly<Record<string, string>> = {
  // A stamped sheet.
  'ioc-public-services': 'M3.5 1.5h6l3 3v10h-9zM9.5 1.5v3h3M5.5 7.5h5M5.5 10h3',
  // A speech bubble.
  'ioc-citizens': 'M2 3h12v8H7.5L4.5 14v-3H2zM5 6h6M5 8.5h4',
  // A cross.
  'ioc-health': 'M6 2h4v4h4v4h-4v4H6v-4H2V6h4z',
  // A graduate's cap.
  'ioc-education': 'M8 3 15 6.5 8 10 1 6.5zM4 8v4c2.4 1.7 5.6 1.7 8 0V8M15 6.5V11',
  // A bed.
  'ioc-tourism': 'M1.5 3v10.5M1.5 11h13M14.5 13.5V9.5a2 2 0 0 0-2-2h-5V11M4.5 5.5a1.25 1.25 0 1 0 .01 0',
  // Coins.
  'ioc-budget': 'M2 4.5c0-2.7 9-2.7 9 0s-9 2.7-9 0V11c0 1.4 2.2 2 4.5 2M11 4.5V7M11.5 7.5a3.5 3.5 0 1 0 .01 0',
  // A shop with an awning.
  'ioc-business':
    'M2.5 2h11l1 4h-13zM1.5 6c0 2 3.25 2 3.25 0 0 2 3.25 2 3.25 0 0 2 3.25 2 3.25 0 0 2 3.25 2 3.25 0M3 8v6h10V8M6.5 14v-3.5h3V14',
  // A parcel of land with its boundary posts.
  'ioc-land': 'M2 4.5 6 2.5l4 2 4-2v9l-4 2-4-2-4 2zM6 2.5v9M10 4.5v9',
  // Growing columns.
  'ioc-socio-economic': 'M2 14h12M3.5 14v-4h2v4M7 14V7h2v7M10.5 14V3h2v11',
  // A drop.
  'ioc-environment': 'M8 1.5c2.7 3.5 4.5 5.7 4.5 8a4.5 4.5 0 0 1-9 0c0-2.3 1.8-4.5 4.5-8zM6 10a2 2 0 0 0 2 2',
  // A conifer.
  'ioc-forest': 'M8 1.5 11.5 6H10l3 4H3l3-4H4.5zM8 10v4.5',
  // A car.
  'ioc-traffic': 'M2 12V8.5L4 4h8l2 4.5V12zM2 8.5h12M3 12v2M13 12v2M4.5 10.25h1M10.5 10.25h1',
}

const boardPath = /^\/d\/([\w-]+)/

/** The drawing of the domain whose board a link opens; nothing where it opens another page. */
export function DomainIcon({ href = '' }: { readonly href?: string | undefined }) {
  const drawing = drawings[boardPath.exec(href)?.[1] ?? '']
  if (drawing === undefined) return null
  return (
    <svg class="domain-icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={drawing} />
    </svg>
  )
}
