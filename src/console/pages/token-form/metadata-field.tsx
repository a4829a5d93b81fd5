import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/field.tsx'
import { Problem } from '../../parts/problem.tsx'
import { TextArea } from '../../parts/text-area.tsx'
import type { ControlProps } from './control-props.ts'
import { jsonOf, pairsOf, type Pair } from './metadata.ts'

/** Metadata: names and values below one another where that is all there is, else JSON. */
export function MetadataField(props: ControlProps): VNode {
  const text = props.value ?? ''
  const pairs = pairsOf(text)
  const [isJson, setJson] = useState(pairs === undefined)
  return (
    <div class="stack wide">
      <div class="segments" role="group" aria-label="How metadata are written">
        <Button isPressed={!isJson} isDisabled={isJson && pairs === undefined} onClick={() => setJson(false)}>
          Names and values
        </Button>
        <Button isPressed={isJson} onClick={() => setJson(true)}>
          JSON
        </Button>
      </div>
      {isJson ? (
        <TextArea
          label={props.field.label}
          rows={8}
          value={text}
          problem={props.problem}
          hint={pairs === undefined ? 'What is nested can be written as JSON only.' : props.field.hint}
          placeholder={'{\n  "customer": 4711\n}'}
          onInput={props.onInput}
        />
      ) : (
        <Pairs {...props} begin={pairs ?? []} />
      )}
    </div>
  )
}

const EMPTY: Pair = { key: '', value: '' }

function Pairs({ begin, problem, onInput }: ControlProps & { readonly begin: readonly Pair[] }): VNode {
  const [pairs, setPairs] = useState<readonly Pair[]>(() => (begin.length === 0 ? [EMPTY] : begin))
  const set = (next: readonly Pair[]): void => {
    setPairs(next)
    onInput(jsonOf(next))
  }
  const change = (at: number, part: Partial<Pair>): void =>
    set(pairs.map((pair, index) => (index === at ? { ...pair, ...part } : pair)))
  return (
    <>
      <ul class="pairs">
        {pairs.map(({ key, value }, at) => (
          <li key={at} class="pair">
            <TextField label={`Name ${at + 1}`} value={key} onInput={(text) => change(at, { key: text })} />
            <TextField
              label={`Value ${at + 1}`}
              value={value}
              onInput={(text) => change(at, { value: text })}
            />
            <Button
              kind="quiet"
              label={`Remove entry ${at + 1}`}
              onClick={() => set(pairs.filter((_, index) => index !== at))}
            >
              Remove
            </Button>
          </li>
        ))}
      </ul>
      <Problem text={problem} />
      <p class="hint">
        4711 is a number, true is true, and in quotes they are text: "4711". Tokens can be searched by it.
      </p>
      <div class="row">
        <Button onClick={() => set([...pairs, EMPTY])}>Add an entry</Button>
      </div>
    </>
  )
}
