import type { VNode } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { BulkReportJson } from '../../api/types.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useAction } from '../../parts/use-action.ts'
import { Link } from '../../router/link.tsx'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import { counted } from '../../words/figures.ts'
import { findPlace, listPath, tokenPlaces } from '../../words/places.ts'
import type { PageProps } from '../page.ts'
import { ImportForm, type Wanted } from './import-form.tsx'
import { RowReport } from './row-report.tsx'

/** The most that are done together or not at all; more are done row by row. */
const MOST_TOGETHER = 1_000

interface Looked {
  readonly wanted: Wanted
  readonly report: BulkReportJson
}

/** Brings tokens in from a file. First it is said what would become of each row. */
export function ImportPage({ query }: PageProps): VNode {
  useTitle('Import tokens')
  const { api, repositories, rights } = useSession()
  const announce = useAnnounce()
  const { run, isBusy, problem } = useAction()
  const places = useMemo(() => tokenPlaces(repositories, rights), [repositories, rights])
  const first = findPlace(places, query.get('in')) ?? places[0]
  const [looked, setLooked] = useState<Looked>()
  const send = async (wanted: Wanted, how: Readonly<Record<string, string>>): Promise<BulkReportJson> => {
    const { place, action, match, type, content } = wanted
    const { body } = await api({
      method: 'POST',
      path: [...listPath(place), 'bulk'],
      query: { action, match, ...how },
      upload: { type, content },
    })
    return body as BulkReportJson
  }
  const look = (wanted: Wanted): void => {
    setLooked(undefined)
    void run(async () => setLooked({ wanted, report: await send(wanted, { dry_run: 'true' }) }))
  }
  const carryOut = ({ wanted, report }: Looked): void =>
    void run(async () => {
      const isPartial = report.failed > 0 || report.rows.length > MOST_TOGETHER
      const done = await send(wanted, isPartial ? { partial: 'true' } : {})
      setLooked({ wanted, report: done })
      announce(`${counted(done.created + done.changed + done.deleted, 'token')} imported.`)
    })
  return (
    <div class="page">
      <p class="crumbs">
        <Link to="/tokens">Tokens</Link>
      </p>
      <h1>Import tokens</h1>
      {first === undefined ? (
        <p>There is no repository that your key covers.</p>
      ) : (
        <ImportForm
          places={places}
          first={first}
          isBusy={isBusy}
          onLook={look}
          onChange={() => setLooked(undefined)}
        />
      )}
      <Problem text={problem} />
      {looked === undefined ? null : (
        <>
          <RowReport report={looked.report} />
          <ImportButton report={looked.report} isBusy={isBusy} onClick={() => carryOut(looked)} />
        </>
      )}
    </div>
  )
}

interface ImportButtonProps {
  readonly report: BulkReportJson
  readonly isBusy: boolean
  readonly onClick: () => void
}

function ImportButton({ report, isBusy, onClick }: ImportButtonProps): VNode | null {
  const count = report.created + report.changed + report.deleted
  if (!report.dry_run) return null
  if (count === 0) return <p>There is nothing to do.</p>
  return (
    <div class="row">
      <Button kind="primary" isBusy={isBusy} onClick={onClick}>
        {report.failed > 0
          ? `Do the ${counted(count, 'row')} that can be done`
          : `Do all ${counted(count, 'row')}`}
      </Button>
    </div>
  )
}
