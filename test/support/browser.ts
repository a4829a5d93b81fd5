import axe from 'axe-core'
import { chromium, type Browser, type Page } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'

/** Starts Debian's Chromium, without a window. Whoever starts it closes it. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  })
}

/** What axe-core finds against accessibility on a page, one line for each rule and element. Policies of the page do not hinder it. */
export async function findBarriers(page: Page): Promise<readonly string[]> {
  const run = `${axe.source};axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ': ' + failureSummary)))`
  return await page.evaluate<string[]>(run)
}
