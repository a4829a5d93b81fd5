import { readFileSync } from 'node:fs'

/**
 * Prints `N passed, N failed` from vitest's JSON report and ends with 1 unless everything is well. What failed without being a test
 * (a check, a file that can't be loaded, a run that broke off) counts as one failure each. Plain JavaScript: it also runs on
 * Nodes that can't read TypeScript.
 * Arguments: report file, exit code of the checks, exit code of the tests.
 */
const [file = '', checks, tests] = process.argv.slice(2)

function readReport() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }
  }
}

function countFailures(report) {
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((each) => each.status === 'failed'),
  )
  const failed = report.numFailedTests + broken.length
  const unexplained = failed === 0 && (tests !== '0' || report.numPassedTests === 0) ? 1 : 0
  return failed + unexplained + (checks === '0' ? 0 : 1)
}

const report = readReport()
const failed = countFailures(report)
const skipped = report.numPendingTests + report.numTodoTests
process.stdout.write(
  `${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
)
process.exitCode = failed > 0 ? 1 : 0
