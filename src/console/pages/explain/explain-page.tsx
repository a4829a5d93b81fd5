import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { EVERYWHERE } from '../../../policy/key-scope.ts'
import type { ExplanationJson } from '../../api/types.ts'
import { useForm } from '../../parts/use-form.ts'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import { explainTarget, maskSecret, takeSecretOut } from '../../words/explain-target.ts'
import { repositoryName } from '../../words/places.ts'
import { ExplainForm, type ExplainDraft } from './explain-form.tsx'
import { Explained } from './explained.tsx'

/** An explanation with the request that it is of, without the secret. */
interface Answered {
  readonly request: string
  readonly explanation: ExplanationJson
}

/** Why does this download fail? Judged by the code that serves downloads; nothing is charged. */
export function ExplainPage(): VNode {
  useTitle('Explain')
  const { rights } = useSession()
  return (
    <div class="page">
      <h1>Explain a request</h1>
      {rights.coversGlobs(EVERYWHERE) ? (
        <Explainer />
      ) : (
        <p>Requests to anywhere are judged here: that needs a key that covers all repositories.</p>
      )}
    </div>
  )
}

/** By the API's names: what is wrong with them is said there. */
const FIELDS = ['target', 'authorization', 'client', 'at'] as const

function Explainer(): VNode {
  const { api, repositories } = useSession()
  const { run, isBusy, problem, problemOf } = useForm()
  const [draft, setDraft] = useState<ExplainDraft>({
    address: '',
    secret: '',
    method: 'GET',
    client: '',
    at: '',
  })
  const [answered, setAnswered] = useState<Answered>()
  const explain = async (): Promise<void> => {
    setAnswered(undefined)
    const places = repositories.map(repositoryName)
    const asked = { ...draft, ...takeSecretOut(draft, places) }
    setDraft(asked)
    const { method, client, at, secret } = asked
    const target = explainTarget(asked)
    const body = {
      ...target,
      method,
      ...(client.trim() === '' ? {} : { client: client.trim() }),
      ...(at === '' ? {} : { at: `${at}Z` }),
    }
    const { body: answer } = await api({ method: 'POST', path: ['explain'], body })
    const request = `${method} ${maskSecret(target.target, secret)}`
    setAnswered({ request, explanation: masked(answer as ExplanationJson, secret) })
  }
  return (
    <>
      <ExplainForm
        draft={draft}
        onChange={setDraft}
        onSubmit={() => void run(explain)}
        isBusy={isBusy}
        problemOf={problemOf}
      />
      {problem === undefined || FIELDS.some(problemOf) ? null : (
        <p class="failure" role="alert">
          {problem}
        </p>
      )}
      {answered === undefined ? null : <Explained {...answered} />}
    </>
  )
}

/** No step tells the secret, but the path that it repeats may hold one that was written twice. */
function masked(explanation: ExplanationJson, secret: string): ExplanationJson {
  const steps = explanation.steps.map((each) => ({ ...each, result: maskSecret(each.result, secret) }))
  return { ...explanation, steps }
}
