import { expect, test } from 'vitest'
import { MOST_TOGETHER } from '../../../src/admin/bulk/bulk.ts'
import { MOST_ROWS } from '../../../src/admin/bulk/read-rows.ts'
import type { Json } from '../api.ts'
import { describeOnBothStores } from '../both-stores.ts'
import { callAs } from '../call-as.ts'
import { clear, listAll, outcomesOf, reportOf, sendRows } from './send.ts'

describeOnBothStores((api) => {
  test('rows make, change and delete tokens, by name, and the report says what became of each', async () => {
    await clear(api)
    const old = await api.create({ name: 'Old', limit_num_downloads: 1 })
    const gone = await api.create({ name: 'Gone' })
    await api.create({ name: 'Same', limit_num_clients: 3 })
    await api.create({ name: 'Off' })
    const answer = await sendRows(api, [
      { name: 'New', limit_num_downloads: 5, token: 'the-secret-of-new' },
      { name: 'Old', limit_num_downloads: 7, is_active: true },
      { name: 'Gone', action: 'delete' },
      { name: 'Same', limit_num_clients: 3 },
      { name: 'Off', action: 'disable' },
      { name: 'Never', action: 'delete' },
    ])
    expect(answer.status).toBe(200)
    const [{ slug_perm: made } = {}] = reportOf(answer).rows
    expect(reportOf(answer)).toEqual({
      dry_run: false,
      created: 1,
      changed: 2,
      unchanged: 2,
      deleted: 1,
      skipped: 0,
      failed: 0,
      rows: [
        {
          row: 1,
          result: 'created',
          slug_perm: made,
          name: 'New',
          changes: ['name', 'limit_num_downloads', 'token'],
        },
        {
          row: 2,
          result: 'changed',
          slug_perm: old.slug_perm,
          name: 'Old',
          changes: ['limit_num_downloads'],
        },
        { row: 3, result: 'deleted', slug_perm: gone.slug_perm, name: 'Gone' },
        expect.objectContaining({ row: 4, result: 'unchanged', name: 'Same' }),
        expect.objectContaining({ row: 5, result: 'changed', name: 'Off', changes: ['is_active'] }),
        { row: 6, result: 'unchanged' },
      ],
    })
    expect(await listAll(api)).toMatchObject([
      { name: 'New', token: 'the-secret-of-new', limit_num_downloads: 5, created_by: 'Operations' },
      { name: 'Off', is_active: false },
      { name: 'Old', token: old.token, limit_num_downloads: 7, updated_by: 'Operations' },
      { name: 'Same', updated_at: null },
    ])
    const found = await api.store.tokens.find(api.keeper.digest('the-secret-of-new'))
    expect(found.map(({ slugPerm }) => slugPerm)).toEqual([made])
    expect(await api.store.tokens.find(api.keeper.digest(gone.token))).toEqual([])
  })

  test('the same again changes nothing', async () => {
    await clear(api)
    const rows = [
      { name: 'a', limit_packages: ['widget@>=2'], limit_date_range_to: '2031-01-01', metadata: { b: 1 } },
      { name: 'b', token: 'the-secret-of-b', limit_bandwidth: 5, limit_bandwidth_unit: 'Gigabyte' },
      { name: 'c', action: 'delete' },
    ]
    const first = await sendRows(api, rows)
    expect(outcomesOf(first)).toEqual(['created', 'created', 'unchanged'])
    const before = await listAll(api)
    const second = await sendRows(api, rows)
    expect(outcomesOf(second)).toEqual(['unchanged', 'unchanged', 'unchanged'])
    expect(await listAll(api)).toEqual(before)
  })

  test('a dry run says the same and changes nothing', async () => {
    await clear(api)
    await api.create({ name: 'Old', token: 'secret-of-old' })
    const before = await listAll(api)
    const rows = [{ name: 'New' }, { name: 'Old', limit_num_clients: 1 }, { name: '', token: 'x' }]
    const answer = await sendRows(api, rows, '?dry_run=true')
    expect(answer.status).toBe(200)
    expect(reportOf(answer)).toMatchObject({ dry_run: true, created: 1, changed: 1, failed: 1 })
    expect(reportOf(answer).rows[0]).toEqual({ row: 1, result: 'created', name: 'New', changes: ['name'] })
    expect(await listAll(api)).toEqual(before)
    const { body } = await api.call('GET', '/audit-log/acme/stable/?page_size=1')
    expect((body as readonly Json[])[0]).toMatchObject({ event: 'repo.entitlement.created', object: 'Old' })
  })

  test('all or nothing: a row that fails in the middle stops all, and is named', async () => {
    await clear(api)
    await api.create({ name: 'Old' })
    const before = await listAll(api)
    const answer = await sendRows(api, [
      { name: 'New' },
      { name: 'Bad', limit_num_downloads: -1, limt_num_clients: 4 },
      { name: 'Old', limit_num_clients: 1 },
    ])
    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({
      code: 'invalid_rows',
      detail: "1 of 3 rows can't be done; nothing was changed.",
      created: 0,
      changed: 0,
      skipped: 2,
      failed: 1,
    })
    expect(outcomesOf(answer)).toEqual([
      'skipped',
      {
        limit_num_downloads: ['This field must be a whole number from 0 to 9007199254740991, or null.'],
        limt_num_clients: ['There is no such field; did you mean limit_num_clients?'],
      },
      'skipped',
    ])
    expect(await listAll(api)).toEqual(before)
  })

  test('partial: what can be done is done, and the rest is told row by row', async () => {
    await clear(api)
    const rows = Array.from({ length: 600 }, (_, index) => ({
      name: `Customer ${String(index).padStart(3, '0')}`,
      limit_num_downloads: index % 100 === 50 ? 'many' : index,
    }))
    const answer = await sendRows(api, rows, '?partial=true')
    expect(answer.status).toBe(200)
    expect(reportOf(answer)).toMatchObject({ created: 594, failed: 6, skipped: 0 })
    const failed = reportOf(answer).rows.filter(({ result }) => result === 'failed')
    expect(failed.map(({ row }) => row)).toEqual([51, 151, 251, 351, 451, 551])
    const again = await sendRows(api, rows, '?partial=true')
    expect(reportOf(again)).toMatchObject({ created: 0, unchanged: 594, failed: 6 })
  })

  test.each<[string, readonly Json[], Json]>([
    [
      'two rows about the same name',
      [{ name: 'a' }, { name: 'a', is_active: false }],
      { name: ['Row 1 is about the same token.'] },
    ],
    [
      'two rows with one secret',
      [
        { name: 'a', token: 'one-secret-for-two' },
        { name: 'b', token: 'one-secret-for-two' },
      ],
      { token: ['Row 1 has the same secret.'] },
    ],
    [
      'a secret that another token has',
      [{ name: 'a' }, { name: 'b', token: 'the-taken-secret' }],
      { token: ['Another token of this repository, or of its owner, has this secret.'] },
    ],
    [
      'a token that is named by its id and by its name',
      [{ name: 'Often' }, { name: 'Often' }],
      { name: ['Row 1 is about the same token.'] },
    ],
    [
      'an unknown action',
      [{ name: 'a' }, { name: 'b', action: 'remove' }],
      { action: ['This must be one of upsert, create, ensure, update, enable, disable, delete.'] },
    ],
    [
      'an update of what is not there',
      [{ name: 'a' }, { name: 'b', action: 'update' }],
      { name: ['There is no such token.'] },
    ],
    [
      'an id that nobody has',
      [{ name: 'a' }, { slug_perm: 'NOBODY', name: 'b' }],
      { slug_perm: ['There is no such token.'] },
    ],
    [
      'an id that is none',
      [{ name: 'a' }, { slug_perm: '../x' }],
      { slug_perm: ['This is no id of a token.'] },
    ],
    [
      'a row that names nothing',
      [{ name: 'a' }, { limit_num_downloads: 1 }],
      { name: ['The row needs a name or a slug_perm to say which token it is about.'] },
    ],
    [
      'a row that is no object',
      [{ name: 'a' }, 7 as unknown as Json],
      { non_field_errors: ['This is no JSON object.'] },
    ],
    [
      'a read-only field',
      [{ name: 'a' }, { name: 'b', downloads: 7 }],
      { downloads: ['This field is read-only.'] },
    ],
    [
      'a creation of what is there with other settings',
      [{ name: 'a' }, { name: 'Taken', action: 'create', limit_num_clients: 9 }],
      { name: ['There is such a token, with other values of limit_num_clients; "upsert" changes it.'] },
    ],
    [
      'the end of a previous secret',
      [{ name: 'a' }, { name: 'Taken', previous_secret_valid_until: '2031-01-01' }],
      {
        previous_secret_valid_until: ['A previous secret is a matter of single tokens: refresh this one.'],
      },
    ],
  ])('%s is refused with its row, and nothing changes', async (_what, rows, fields) => {
    await clear(api)
    await api.create({ name: 'Taken', token: 'the-taken-secret' })
    const before = await listAll(api)
    const answer = await sendRows(api, rows)
    expect(answer.status).toBe(422)
    expect(outcomesOf(answer)).toEqual(['skipped', fields])
    expect(await listAll(api)).toEqual(before)
    expect(answer.text).not.toContain('secret-for-two')
  })

  test('a token that two rows find in different ways is changed by the first only', async () => {
    await clear(api)
    const { slug_perm } = await api.create({ name: 'Twice' })
    const rows = [
      { slug_perm, limit_num_clients: 1 },
      { name: 'Twice', limit_num_clients: 2 },
    ]
    expect(outcomesOf(await sendRows(api, rows, '?partial=true'))).toEqual([
      'changed',
      { name: ['Row 1 is about the same token.'] },
    ])
    expect(await api.read(slug_perm)).toMatchObject({ limit_num_clients: 1 })
  })

  test('a name that several tokens have needs a slug_perm', async () => {
    await clear(api)
    const [one] = [await api.create({ name: 'Often' }), await api.create({ name: 'Often' })]
    expect(outcomesOf(await sendRows(api, [{ name: 'Often', is_active: false }]))).toEqual([
      { name: ['2 tokens have this name; name one by its slug_perm.'] },
    ])
    const row = { slug_perm: one.slug_perm, name: 'Only one', is_active: false }
    expect(outcomesOf(await sendRows(api, [row]))).toEqual(['changed'])
  })

  test('match=secret finds tokens by their secrets, and never changes one', async () => {
    await clear(api)
    const { slug_perm } = await api.create({ name: 'Before', token: 'found-by-this' })
    const rows = [
      { name: 'After', token: 'found-by-this' },
      { name: 'After', token: 'not-found-before' },
    ]
    const answer = await sendRows(api, rows, '?match=secret')
    expect(outcomesOf(answer)).toEqual(['changed', 'created'])
    expect(await api.read(slug_perm)).toMatchObject({ name: 'After', token: 'found-by-this' })
    expect(
      outcomesOf(await sendRows(api, [{ name: 'x' }, { token: 'short' }], '?match=secret&partial=1')),
    ).toEqual([
      { token: ['The row needs a secret or a slug_perm to say which token it is about.'] },
      { token: ['This can be no secret: see docs/tokens.md.'] },
    ])
  })

  test('ensure makes what is missing and leaves alone what is there', async () => {
    await clear(api)
    const { slug_perm } = await api.create({ name: 'There', token: 'has-been-there', limit_num_clients: 5 })
    const rows = [
      { name: 'Another name', token: 'has-been-there', limit_num_clients: 9 },
      { name: 'New', token: 'was-not-there' },
    ]
    const answer = await sendRows(api, rows, '?match=secret&action=ensure')
    expect(outcomesOf(answer)).toEqual(['unchanged', 'created'])
    expect(await api.read(slug_perm)).toMatchObject({ name: 'There', limit_num_clients: 5 })
  })

  test('a new secret replaces the old one at once, and is the one of webhooks and the log', async () => {
    await clear(api)
    const { slug_perm, token } = await api.create({ name: 'Changed' })
    const answer = await sendRows(api, [{ slug_perm, token: 'the-secret-after' }])
    expect(reportOf(answer).rows[0]).toMatchObject({ result: 'changed', changes: ['token'] })
    expect(await api.store.tokens.find(api.keeper.digest(token))).toEqual([])
    const { body } = await api.call('GET', '/audit-log/acme/stable/?page_size=1')
    expect((body as readonly Json[])[0]).toMatchObject({ event: 'repo.entitlement.secret_updated' })
    const events = await api.store.events.waiting(1_000)
    expect(events.filter((each) => each.token === slug_perm).map(({ type }) => type)).toEqual([
      'token.created',
      'token.refreshed',
    ])
  })

  test('secrets are shown only when asked for, and to those who may see them', async () => {
    await clear(api)
    const row = [{ name: 'Shown', token: 'shown-when-asked' }]
    expect((await sendRows(api, row)).text).not.toContain('shown-when-asked')
    const shown = await sendRows(api, row, '?show_tokens=true')
    expect(reportOf(shown).rows[0]).toMatchObject({ result: 'unchanged', token: 'shown-when-asked' })
  })

  test('no token may open more than the key covers, nor be changed if it does', async () => {
    await clear(api)
    const wide = await api.create({ name: 'Wide', repositories: ['acme/*'] })
    const before = await listAll(api)
    const { secret: key } = await callAs(api, { role: 'entitlements', repositories: ['acme/stable'] })
    const rows = [
      { name: 'Wide', limit_num_clients: 1 },
      { slug_perm: wide.slug_perm, action: 'delete' },
      { name: 'New', repositories: ['acme/stable', 'acme/other'] },
    ]
    const answer = await sendRows(api, rows, '?partial=true', { key })
    const tooFar = ['This token opens repositories that your key does not cover.']
    expect(outcomesOf(answer)).toEqual([
      { name: tooFar },
      { slug_perm: tooFar },
      { repositories: ['Your key does not cover all of these.'] },
    ])
    expect(await listAll(api)).toEqual(before)
  })

  test.each(['viewer', 'metrics'])('a %s changes nothing', async (role) => {
    await clear(api)
    const { secret: key } = await callAs(api, { role })
    const answer = await sendRows(api, [{ name: 'New' }], '', { key })
    expect(answer).toMatchObject({ status: 403, body: { code: 'permission_denied' } })
    expect(await listAll(api)).toEqual([])
  })

  test(`${MOST_ROWS} rows are done within seconds, and more are refused`, async () => {
    await clear(api)
    const rows = Array.from({ length: MOST_ROWS }, (_, index) => ({
      name: `Customer ${index}`,
      token: `secret-of-${index}`,
    }))
    const started = performance.now()
    expect(reportOf(await sendRows(api, rows, '?dry_run=true'))).toMatchObject({ created: MOST_ROWS })
    expect(reportOf(await sendRows(api, rows, '?partial=true'))).toMatchObject({
      created: MOST_ROWS,
      failed: 0,
    })
    expect(reportOf(await sendRows(api, rows, '?partial=true'))).toMatchObject({ unchanged: MOST_ROWS })
    expect(performance.now() - started).toBeLessThan(30_000)
    const detail = `There are ${MOST_ROWS + 1} rows; a request may have ${MOST_ROWS}. Send them in parts.`
    const refused = await sendRows(api, [...rows, { name: 'one more' }], '?partial=true')
    expect(refused).toMatchObject({ status: 400, body: { detail } })
    // What is left is too much for the other tests to delete one by one.
    for (let from = 0; from < MOST_ROWS; from += MOST_TOGETHER) {
      const some = rows.slice(from, from + MOST_TOGETHER)
      expect(reportOf(await sendRows(api, some, '?action=delete'))).toMatchObject({ deleted: MOST_TOGETHER })
    }
    expect(await listAll(api)).toEqual([])
  }, 60_000)

  test(`${MOST_TOGETHER} rows are done together, and more are not`, async () => {
    await clear(api)
    const rows = Array.from({ length: MOST_TOGETHER + 1 }, (_, index) => ({ name: `Customer ${index}` }))
    const { status, body } = await sendRows(api, rows)
    expect([status, body]).toEqual([
      400,
      expect.objectContaining({ detail: expect.stringContaining('or with partial=true') }),
    ])
    expect(await listAll(api)).toEqual([])
    expect(reportOf(await sendRows(api, rows.slice(1)))).toMatchObject({ created: MOST_TOGETHER })
  })
})
