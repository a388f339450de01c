import { formatInstant } from './format.ts'
import { storeAway } from './history.ts'
import { Groups } from './parts/groups.tsx'
import { Header } from './parts/header.tsx'
import { LedgerTable } from './parts/ledger-table.tsx'
import { NodesTable } from './parts/nodes-table.tsx'
import { Overview } from './parts/overview.tsx'
import { ProcessStrip } from './parts/process-strip.tsx'
import { SimulationBanner } from './parts/simulation-banner.tsx'
import { TokenForm } from './parts/token-form.tsx'
import { brokerHeard, districtProblem, link, needsToken, now } from './state.ts'
import { say } from './words.ts'

/** The one page. */
export function App() {
  if (needsToken.value) return <TokenForm />
  const cut = link.value === 'cut' || (link.value === 'live' && !brokerHeard.value)
  return (
    <>
      <a class="skip" href="#main">
        {say('skip')}
      </a>
      <Header />
      <SimulationBanner />
      <main id="main" class={cut ? 'dimmed' : ''} data-testid="main" tabIndex={-1}>
        <Notices />
        <Overview />
        <Groups />
        <div class="tables">
          <NodesTable />
          <LedgerTable />
        </div>
        <ProcessStrip />
      </main>
    </>
  )
}

/** What the files say is for whoever edits them: it is shown as it is, in the language of the messages. */
function DistrictNotice() {
  const problem = districtProblem.value
  if (!problem) return null
  const { file, line, reason, since } = problem
  return (
    <p class="notice" data-testid="notice-district">
      {say('districtRefused')} <bdi>{file}</bdi>
      {line !== null && `, ${say('fileLine')} ${line}`}: <span lang="en">{reason}</span> ({say('sinceTime')}{' '}
      {formatInstant(since, now.value)})
    </p>
  )
}

function Notices() {
  const notice =
    link.value === 'cut' ? 'cutLong' : link.value === 'live' && !brokerHeard.value ? 'brokerCut' : undefined
  return (
    <div role="status" aria-live="polite">
      {notice && (
        <p class="notice strong" data-testid="notice-cut">
          {say(notice)}
        </p>
      )}
      {!notice && storeAway.value && (
        <p class="notice" data-testid="notice-store">
          {say('storeAway')}
        </p>
      )}
      <DistrictNotice />
    </div>
  )
}
