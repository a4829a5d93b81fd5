/** The one spelling of a Python project's name, or of a pattern over names (PEP 503, "Normalized Names"). */
export function spellPythonName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-')
}
