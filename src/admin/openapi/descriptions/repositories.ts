import { PAGES } from '../parameters.ts'
import { object, page, type Description } from './description.ts'

export const REPOSITORIES: Readonly<Record<string, Description>> = {
  'GET /repos': {
    id: 'repos_user_list',
    tag: 'Repositories',
    summary: 'List the repositories that the key covers',
    query: PAGES,
    reply: page('Repository'),
  },
  'GET /repos/:owner': {
    id: 'repos_namespace_list',
    tag: 'Repositories',
    summary: 'List the repositories of an owner that the key covers',
    query: PAGES,
    reply: page('Repository'),
  },
  'GET /repos/:owner/:repo': {
    id: 'repos_read',
    tag: 'Repositories',
    summary: 'Show a repository',
    reply: object('Repository'),
  },
}
