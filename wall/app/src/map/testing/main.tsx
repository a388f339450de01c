import '../../shell/tokens.css'
import './page.css'
import { render } from 'preact'
import { startLive } from '../../live.ts'
import { applyPreferences } from '../../preferences.ts'
import { startClock } from '../../state.ts'
import { LiveDistrictMap } from '../live-map.tsx'

// The map alone on a page, for tests and for looking at it.
applyPreferences()
startClock()
startLive()
render(
  <main>
    <LiveDistrictMap />
  </main>,
  document.getElementById('app') as HTMLElement,
)
