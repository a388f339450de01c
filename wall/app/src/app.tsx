import { LoginForm } from './account/login-form.tsx'
import { BoardPage } from './boards/board-page.tsx'
import { AvailabilityPage } from './incidents/availability-page.tsx'
import { IncidentList } from './incidents/incident-list.tsx'
import { IncidentPage } from './incidents/incident-page.tsx'
import { MaintenancePage } from './incidents/maintenance-page.tsx'
import { MyPage } from './incidents/my-page.tsx'
import { RotaPage } from './incidents/rota-page.tsx'
import { NodePage } from './nodes/node-page.tsx'
import { NodesPage } from './nodes/nodes-page.tsx'
import { DevicePage } from './pages/device-page.tsx'
import { EmptyPage } from './pages/empty-page.tsx'
import { SitePage } from './pages/site-page.tsx'
import { UnknownPage } from './pages/unknown-page.tsx'
import { isCut, LostFrame, Notices, SimulationBand } from './shell/banners.tsx'
import { boards, boardsKnown } from './shell/boards.ts'
import { CriticalBar } from './shell/critical-bar.tsx'
import { Header, Status } from './shell/header.tsx'
import { kiosk } from './shell/kiosk.ts'
import { homeUid, route } from './shell/location.ts'
import { Menu } from './shell/menu.tsx'
import { pageTitle } from './shell/page-title.ts'
import { Search } from './shell/search.tsx'
import { ShortcutHelp } from './shell/shortcuts.tsx'
import { TimePicker } from './shell/time-picker.tsx'
import { isEmptyCentre, needsLogin } from './state.ts'
import { say } from './words.ts'

export function App() {
  if (needsLogin.value) return <LoginForm />
  return (
    <>
      <a class="skip" href="#main">
        {say('skip')}
      </a>
      <Top />
      <SimulationBand />
      {kiosk.value && <CriticalBar />}
      <Notices />
      <main id="main" class={isCut.value ? 'dimmed' : ''} data-testid="main" tabIndex={-1}>
        <Page />
      </main>
      <LostFrame />
      <Menu />
      <Search />
      <TimePicker />
      <ShortcutHelp />
    </>
  )
}

function Top() {
  switch (kiosk.value) {
    case 'full':
      return <h1 class="hidden">{pageTitle.value}</h1>
    case 'tv':
      return (
        <header class="top tv">
          <h1 data-testid="page-title">{pageTitle.value}</h1>
          <Status />
        </header>
      )
    case undefined:
      return <Header />
    default:
      return kiosk.value satisfies never
  }
}

/** What the address names. */
function Page() {
  const open = route.value
  const key = JSON.stringify(open)
  switch (open.page) {
    case 'board':
      if (open.uid === homeUid && isEmptyCentre.value) return <EmptyPage />
      if (boardsKnown.value && !boards.value.some(({ uid }) => uid === open.uid)) {
        return <UnknownPage what="board" name={open.uid} />
      }
      return <BoardPage key={open.uid} uid={open.uid} />
    case 'site':
      return <SitePage key={key} site={open.site} />
    case 'device':
      return <DevicePage key={key} site={open.site} device={open.device} />
    case 'incidents':
      return <IncidentList />
    case 'incident':
      return <IncidentPage key={key} id={open.id} />
    case 'my':
      return <MyPage />
    case 'maintenance':
      return <MaintenancePage />
    case 'rota':
      return <RotaPage />
    case 'availability':
      return <AvailabilityPage />
    case 'nodes':
      return <NodesPage />
    case 'node':
      return <NodePage key={key} site={open.site} node={open.node} />
    case 'unknown':
      return <UnknownPage what="page" name={location.pathname} />
    default:
      return open satisfies never
  }
}
