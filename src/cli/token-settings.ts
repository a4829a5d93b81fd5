import { InvalidArgumentError, Option, type Command } from 'commander'

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
    flags: '--packages <rule>',
    description:
      'packages it opens: name, name@range, format:name, !name; repeatable, the last match wins (default: all)',
    field: 'limit_packages',
    read: String,
    isRepeatable: true,
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
    return value === undefined
      ? []
      : [[setting.field, setting.isClearable && isNone(value) ? null : value] as const]
  })
  const { disabled, enabled } = options
  const active = disabled === true ? { is_active: false } : enabled === true ? { is_active: true } : {}
  return { ...Object.fromEntries(given), ...active }
}

/** The flag that fills a field of the API, for its messages. */
export function flagOfField(field: string): string | undefined {
  const flags = SETTINGS.find((setting) => setting.field === field)?.flags
  return flags?.slice(0, flags.indexOf(' '))
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

function readCount(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

function readObject(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Told below.
  }
  throw new InvalidArgumentError('It must be a JSON object, like \'{"licence": "A-17"}\'.')
}
