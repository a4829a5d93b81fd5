import type { VNode } from 'preact'

export function Logo(): VNode {
  return (
    <span class="logo">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect class="logo-field" width="32" height="32" rx="7" />
        <path class="logo-gate" d="M9 26V14a7 7 0 0 1 14 0v12z" />
        <circle class="logo-knob" cx="18.5" cy="18.5" r="1.6" />
      </svg>
      Postern
    </span>
  )
}
