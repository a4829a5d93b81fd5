import type { Form, SnippetPlace } from './snippets.ts'

const BASIC = /\/basic\/(?=(?:[^/]+\/){0,2}$)/

/** What a snippet is written from, by the URL of the repository for passwords. */
export function placeOf(basicUrl: string, owner: string, secret: string, form: Form): SnippetPlace {
  const [before = '', below = ''] = basicUrl.split(BASIC)
  const { host } = new URL(basicUrl)
  return {
    name: owner.replaceAll(/[^A-Za-z0-9_-]/g, '-'),
    secret,
    url: `${before}/${form === 'basic' ? 'basic' : secret}/${below}`.replace(/\/$/, ''),
    host,
    images: `${host}/${below}`.replace(/\/$/, ''),
  }
}

const PUBLIC = /\/public\/(?=(?:[^/]+\/){0,2}$)/

/** The same for a repository that everybody may read, by its URL for everybody. */
export function openPlaceOf(publicUrl: string, owner: string): SnippetPlace {
  const [before = '', below = ''] = publicUrl.split(PUBLIC)
  const place = placeOf(`${before}/basic/${below}`, owner, '', 'basic')
  return { ...place, url: publicUrl.replace(/\/$/, '') }
}
