import { render } from 'preact'
import './style.css'
import { loadSession } from './account/session.ts'
import { App } from './app.tsx'
import { watchPrinting } from './boards/printing.ts'
import { startLive } from './live.ts'
import { applyPreferences } from './preferences.ts'
import { loadBoards } from './shell/boards.ts'
import { startKiosk } from './shell/kiosk.ts'
import { followLinks } from './shell/location.ts'
import { keepDocumentTitle } from './shell/page-title.ts'
import { startShortcuts } from './shell/shortcuts.tsx'
import { startSound } from './shell/sound.tsx'
import { startClock } from './state.ts'
import { restoreView } from './view.ts'

applyPreferences()
startClock()
restoreView()
startLive()
void loadSession()
loadBoards()
keepDocumentTitle()
followLinks()
startShortcuts()
startKiosk()
startSound()
watchPrinting()
const root = document.getElementById('app')
if (root) render(<App />, root)
