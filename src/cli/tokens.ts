import type { Command } from 'commander'
import type { CliContext } from './dependencies.ts'
import { addBulkCommand } from './tokens-bulk.ts'
import { addTokenExportCommand } from './tokens-export.ts'
import { addListCommand, addShowCommand } from './tokens-read.ts'
import { addSetupCommand } from './tokens-setup.ts'
import { addSyncCommand } from './tokens-sync.ts'
import {
  addActionCommands,
  addCreateCommand,
  addDeleteCommand,
  addRefreshCommand,
  addUpdateCommand,
} from './tokens-write.ts'

/** `postern tokens …`: entitlement tokens, over the management API. */
export function addTokensCommand(program: Command, context: CliContext): void {
  const tokens = program
    .command('tokens')
    .description('Make, list, change and delete entitlement tokens, over the management API.')
    .addHelpText(
      'after',
      `
Examples:
  postern tokens create acme/stable --name "Example Ltd" --valid-until 2027-01-01
  postern tokens list acme/stable
  postern tokens setup acme/stable "Example Ltd" --show-secret
  postern tokens disable acme/stable "Example Ltd"
`,
    )
  addCreateCommand(tokens, context)
  addListCommand(tokens, context)
  addShowCommand(tokens, context)
  addSetupCommand(tokens, context)
  addUpdateCommand(tokens, context)
  addActionCommands(tokens, context)
  addRefreshCommand(tokens, context)
  addDeleteCommand(tokens, context)
  addSyncCommand(tokens, context)
  addBulkCommand(tokens, context)
  addTokenExportCommand(tokens, context)
}
