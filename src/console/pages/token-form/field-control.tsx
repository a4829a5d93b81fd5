import type { VNode } from 'preact'
import { Button } from '../../parts/button.tsx'
import { Check } from '../../parts/check.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { TextArea } from '../../parts/text-area.tsx'
import type { ControlProps } from './control-props.ts'
import { ListField } from './list-field.tsx'
import { MetadataField } from './metadata-field.tsx'

/** The control for a field of a token, by the kind of its value. */
export function FieldControl(props: ControlProps): VNode {
  const { field, value, problem, onInput } = props
  const { kind, label, hint, options = [], example } = field
  const text = value ?? ''
  const common = { label, hint, problem }
  switch (kind) {
    case 'flag':
      return (
        <Check
          {...common}
          isChecked={text === 'true'}
          onChange={(isSet) => onInput(isSet ? 'true' : 'false')}
        />
      )
    case 'choice':
      return (
        <Choice {...common} value={text} options={options.map((each) => [each, each])} onChange={onInput} />
      )
    case 'list':
      return <ListField {...props} />
    case 'json':
      return <MetadataField {...props} />
    case 'query':
      return (
        <Clearable {...props}>
          <TextArea {...common} rows={2} value={text} onInput={onInput} />
        </Clearable>
      )
    default:
      return (
        <Clearable {...props}>
          <TextField
            {...common}
            type={kind === 'instant' ? 'datetime-local' : 'text'}
            value={text}
            placeholder={example ?? ''}
            onInput={onInput}
          />
        </Clearable>
      )
  }
}

/** Takes a limit away at a click: nobody has to guess that an empty field is none. */
function Clearable({ field, value, onInput, children }: ControlProps & { readonly children: VNode }): VNode {
  const isFilled = value !== null && value !== '' && field.kind !== 'text'
  return (
    <div class="clearable">
      {children}
      {isFilled ? (
        <Button kind="quiet" label={`Clear: ${field.label}`} onClick={() => onInput('')}>
          Clear
        </Button>
      ) : null}
    </div>
  )
}
