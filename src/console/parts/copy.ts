import { ApiError } from '../api/errors.ts'

const NO_COPY = 'The browser does not let this page copy. Select the text and copy it by hand.'

/** Puts text on the clipboard. @throws ApiError when the browser does not allow it. */
export async function copyText(text: string): Promise<void> {
  // Browsers have it by HTTPS and on this machine only.
  const { clipboard } = navigator as { clipboard?: Clipboard }
  if (clipboard !== undefined) return clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'off-screen'
  // What a dialog makes inert can't be selected outside of it.
  const place = document.activeElement?.closest('dialog') ?? document.body
  const before = document.activeElement
  place.append(area)
  area.select()
  const isDone = document.execCommand('copy')
  area.remove()
  if (before instanceof HTMLElement) before.focus()
  if (!isDone) throw new ApiError('failed', NO_COPY)
}
