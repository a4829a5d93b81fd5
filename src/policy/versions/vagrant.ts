import type { VersionOrder } from './order.ts'
import { rubyOrder, type RubyVersion } from './ruby.ts'

/** Vagrant compares the versions of boxes as those of gems. */
export const vagrantOrder: VersionOrder<RubyVersion> = { ...rubyOrder, label: 'a version of a box' }
