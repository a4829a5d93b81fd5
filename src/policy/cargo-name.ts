/** The one spelling of a crate's name, or of a pattern over names: registries have no two that differ in case, or in `-` and `_`, only. */
export function spellCargoName(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}
