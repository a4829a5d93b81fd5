import type { ComponentChildren, VNode } from 'preact'

interface ButtonProps {
  /** `primary`: what the page is for, at most one in sight. `danger`: can't be undone. */
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger'
  readonly type?: 'button' | 'submit'
  readonly isBusy?: boolean
  readonly isDisabled?: boolean
  readonly label?: string | undefined
  readonly isPressed?: boolean
  readonly onClick?: () => void
  readonly children: ComponentChildren
}

/** A button. While busy it keeps its focus and does nothing. */
export function Button(props: ButtonProps): VNode {
  const { kind = 'plain', type = 'button', isBusy = false, isDisabled = false } = props
  const { label, isPressed, onClick, children } = props
  const click = (event: MouseEvent): void => {
    if (isBusy || isDisabled) event.preventDefault()
    else onClick?.()
  }
  return (
    <button
      type={type}
      class={`button button-${kind}`}
      aria-disabled={isBusy || isDisabled ? true : undefined}
      aria-busy={isBusy ? true : undefined}
      aria-label={label}
      aria-pressed={isPressed}
      onClick={click}
    >
      {children}
    </button>
  )
}
