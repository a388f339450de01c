import { render } from 'preact'
import 'uplot/dist/uPlot.min.css'
import { App } from './app.tsx'
import { startLive } from './live.ts'
import { applyPreferences } from './preferences.ts'
import { startClock } from './state.ts'
import { restoreView } from './view.ts'

applyPreferences()
startClock()
restoreView()
startLive()
const root = document.getElementById('app')
if (root) render(<App />, root)
