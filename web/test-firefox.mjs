// node test-firefox.mjs PAGE PACKAGES PICTURES: the page in Firefox, as a file without a server. The last line is `N passed, N failed`.
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const [page, packages, pictures] = process.argv.slice(2).map((file) => path.resolve(file))
const module = createRequire(path.join(packages, 'package.json')).resolve('puppeteer-core')
const { default: puppeteer } = await import(pathToFileURL(module))

const browser = await puppeteer.launch({ browser: 'firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr' })
const tab = await browser.newPage()
const troubles = []
tab.on('pageerror', (error) => troubles.push(error.message))
tab.on('console', (message) => message.type() === 'error' && troubles.push(message.text()))

let passed = 0
let failed = 0

const done = () => tab.evaluate(() => Number(document.body.dataset.done ?? 0))
async function answered(act) {
  const before = await done()
  await act()
  await tab.waitForFunction((n) => Number(document.body.dataset.done) > n, { timeout: 60000 }, before)
}
const example = (name) => answered(() => tab.select('#example', name))
const text = (id) => tab.$eval(id, (e) => e.textContent)
const latex = () => text('#answer annotation')
const picture = (name) => tab.screenshot({ path: path.join(pictures, `firefox-${name}.png`) })

function contains(found, expected) {
  if (!found.includes(expected)) throw new Error(`expected ${JSON.stringify(expected)} in ${JSON.stringify(found)}`)
}

async function test(name, run) {
  troubles.length = 0
  try {
    await run()
    if (troubles.length) throw new Error(troubles.join('; '))
    passed++
  } catch (error) {
    failed++
    console.log(`FAILED ${name}: ${error.message}`)
    await picture('failed')
  }
}

await tab.setViewport({ width: 1000, height: 900 })
await test('answers the first example', async () => {
  await tab.goto(`file://${page}`)
  await tab.waitForFunction(() => document.body.dataset.done, { timeout: 60000 })
  contains(await latex(), '2 \\mathbf{A}^\\top')
  console.log(`${await browser.version()}: engine ready after ${await tab.evaluate(() => document.body.dataset.ready)} ms`)
  await picture('answer')
})
await test('answers while one types', async () => {
  await tab.$eval('#expr', (field) => (field.value = ''))
  await answered(() => tab.type('#expr', "x'*A*x"))
  await tab.waitForFunction(() => document.querySelector('#answer annotation').textContent.includes('\\mathbf{A} + '), { timeout: 60000 })
})
await test('shows the steps', async () => {
  await tab.click('#steps-part summary')
  contains(await text('#steps'), 'product')
})
for (const [name, expected] of [
  ['a formula from a paper', 'right if A is symmetric'],
  ['normal equations', '\\mathbf{A}^\\top \\mathbf{b}'],
  ['a convex function', 'convex'],
  ['least squares in NumPy', 'def value_and_gradient(A, x, b'],
]) {
  await test(`answers the example "${name}"`, async () => {
    await example(name)
    contains(await text('#answer'), expected)
  })
}
await test('proves a rule file', async () => {
  await tab.select('#op', 'check')
  await answered(() => tab.evaluate(() => window.nabla.rules.setText('let matrix A(n,n)\ncheck "gain" tr(2*A) == 2*tr(A)')))
  contains(await text('#answer'), 'All statements are proved.')
  await tab.evaluate(() => window.nabla.rules.setText(''))
  await example('least squares')
})
await test('stops what takes too long, and goes on', async () => {
  await tab.$eval('#expr', (field, value) => ((field.value = value), field.dispatchEvent(new Event('input'))), `tr(${'A*x*'.repeat(6000)}A)`)
  await tab.waitForSelector('#stop:not([hidden])', { timeout: 60000 })
  await tab.click('#stop')
  await example('log-determinant')
  contains(await latex(), '\\mathbf{X}')
})
await test('fits a phone', async () => {
  await tab.setViewport({ width: 360, height: 740 })
  const wider = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  if (wider > 0) throw new Error(`${wider} pixels too wide`)
  await picture('phone')
})

await browser.close()
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
