import { Option, type Command } from 'commander'
import {
  readBandwidth,
  readCount,
  readDuration,
  readObject,
  readPeriod,
  readRate,
  readYesNo,
  type Bandwidth,
} from './setting-values.ts'

/** Something that can be set on a token: the flag, and the API's field that it fills. */
interface Setting {
  readonly flags: string
  readonly description: string
  readonly field: string
  readonly read: (text: string) => unknown
  readonly isRepeatable?: true
  /** `none` takes the limit away. */
  readonly isClearable: boolean
}

const NONE = 'none'

const SETTINGS: readonly Setting[] = [
  {
    flags: '--name <text>',
    description: 'whose token it is',
    field: 'name',
    read: String,
    isClearable: false,
  },
  {
    flags: '--token <secret>',
    description: 'the secret itself, 8 to 48 letters, digits, . _ and - (default: a generated one)',
    field: 'token',
    read: String,
    isClearable: false,
  },
  {
    flags: '--valid-from <instant>',
    description: 'works from then on: 2026-01-31 (beginning of the day, UTC) or 2026-01-31T12:00:00+01:00',
    field: 'limit_date_range_from',
    read: String,
    isClearable: true,
  },
  {
    flags: '--valid-until <instant>',
    description: 'stops working then, written alike',
    field: 'limit_date_range_to',
    read: String,
    isClearable: true,
  },
  {
    flags: '--max-downloads <count>',
    description: 'packages that may be downloaded',
    field: 'limit_num_downloads',
    read: readCount,
    isClearable: true,
  },
  {
    flags: '--max-clients <count>',
    description: 'client addresses that may download',
    field: 'limit_num_clients',
    read: readCount,
    isClearable: true,
  },
  {
    flags: '--clients-window <duration>',
    description: 'clients unseen for so long, such as 30d, give their place to others',
    field: 'clients_window',
    read: readDuration,
    isClearable: true,
  },
  {
    flags: '--max-bandwidth <amount>',
    description: 'bytes that may be sent, such as 500GB (decimal)',
    field: 'limit_bandwidth',
    read: readBandwidth,
    isClearable: true,
  },
  {
    flags: '--max-rate <number>',
    description: 'requests a second, averaged; may be a fraction',
    field: 'limit_rate',
    read: readRate,
    isClearable: true,
  },
  {
    flags: '--max-concurrency <count>',
    description: 'downloads under way at once',
    field: 'limit_concurrency',
    read: readCount,
    isClearable: true,
  },
  {
    flags: '--reset-period <period>',
    description: 'the counters begin anew daily, weekly, monthly, quarterly and so on, or never',
    field: 'scheduled_reset_period',
    read: readPeriod,
    isClearable: true,
  },
  {
    flags: '--reset-from <instant>',
    description: 'from where the periods are counted (default: the creation of the token)',
    field: 'scheduled_reset_at',
    read: String,
    isClearable: true,
  },
  {
    flags: '--networks <range>',
    description: 'addresses it works from, such as 203.0.113.0/24; repeatable (default: any)',
    field: 'limit_networks',
    read: String,
    isRepeatable: true,
    isClearable: true,
  },
  {
    flags: '--published-until <instant>',
    description: 'opens only what the storage dates until then',
    field: 'limit_published_until',
    read: String,
    isClearable: true,
  },
  {
    flags: '--starts-on-first-download <yes|no>',
    description: 'the window begins with the first download, as long as its two dates are apart',
    field: 'starts_on_first_download',
    read: readYesNo,
    isClearable: false,
  },
  {
    flags: '--packages <rule>',
    description:
      'packages it opens: name, name@range, format:name, !name; repeatable, the last match wins (default: all)',
    field: 'limit_packages',
    read: String,
    isRepeatable: true,
    isClearable: true,
  },
  {
    flags: '--package-query <query>',
    description:
      "packages it opens, in Cloudsmith's language: name:widget AND version:>=2 (default: all that --packages opens)",
    field: 'limit_package_query',
    read: String,
    isClearable: true,
  },
  {
    flags: '--path-query <query>',
    description: "paths it opens, in Cloudsmith's language: ^/stable/ AND NOT debug (default: all)",
    field: 'limit_path_query',
    read: String,
    isClearable: true,
  },
  {
    flags: '--repositories <glob>',
    description: 'repositories it opens, such as acme/*; repeatable (default: its own only)',
    field: 'repositories',
    read: String,
    isRepeatable: true,
    isClearable: true,
  },
  {
    flags: '--eula-required <yes|no>',
    description: 'opens no repository that has a EULA until that is accepted',
    field: 'eula_required',
    read: readYesNo,
    isClearable: false,
  },
  {
    flags: '--metadata <json>',
    description: 'data of your own, a JSON object',
    field: 'metadata',
    read: readObject,
    isClearable: true,
  },
]

/** Adds the options that set something on a token. */
export function addSettings(command: Command): Command {
  for (const setting of SETTINGS) command.addOption(optionOf(setting))
  return command
}

/** The body that sets what `options` name; what they leave out stays as it is. */
export function readSettings(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = SETTINGS.flatMap((setting) => {
    const value = options[optionOf(setting).attributeName()]
    return value === undefined ? [] : fieldsOf(setting, setting.isClearable && isNone(value) ? null : value)
  })
  const { disabled, enabled } = options
  const active = disabled === true ? { is_active: false } : enabled === true ? { is_active: true } : {}
  return { ...Object.fromEntries(given), ...active }
}

/** An amount of bandwidth fills two fields. */
function fieldsOf({ field }: Setting, value: unknown): (readonly [string, unknown])[] {
  if (field !== 'limit_bandwidth') return [[field, value]]
  const amount = value as Bandwidth | null
  return [
    [field, amount?.count ?? null],
    ['limit_bandwidth_unit', amount?.unit ?? null],
  ]
}

/** Fields that are filled by a flag which is no setting, or together with another field. */
const OTHER_FLAGS: Readonly<Record<string, string>> = {
  limit_bandwidth_unit: '--max-bandwidth',
  previous_secret_valid_for: '--grace',
  previous_secret_valid_until: '--grace-until',
}

/** The flag that fills a field of the API, for its messages. */
export function flagOfField(field: string): string | undefined {
  const flags = SETTINGS.find((setting) => setting.field === field)?.flags
  return flags?.slice(0, flags.indexOf(' ')) ?? OTHER_FLAGS[field]
}

function optionOf(setting: Setting): Option {
  const { flags, description, isRepeatable } = setting
  const option = new Option(flags, description)
  return option.argParser<unknown>((text, previous) => {
    const value = setting.isClearable && text === NONE ? NONE : setting.read(text)
    return isRepeatable ? [...(Array.isArray(previous) ? previous : []), value] : value
  })
}

function isNone(value: unknown): boolean {
  return value === NONE || (Array.isArray(value) && value.length === 1 && value[0] === NONE)
}
