import type { VNode } from 'preact'
import { ROLES } from '../../../policy/roles.ts'
import { Facts } from '../../parts/facts.tsx'
import { Section } from '../../parts/section.tsx'
import { ROLE_WORDS } from './role-words.ts'

/** What the roles mean. */
export function RolesHelp(): VNode {
  return (
    <Section title="What the roles may do">
      <Facts facts={ROLES.map((role) => ({ title: role, shown: ROLE_WORDS[role] }))} />
    </Section>
  )
}
