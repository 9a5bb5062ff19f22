// node test.mjs PAGE PACKAGES PICTURES: drives the page in Chromium, as a file without a server. The last line is `N passed, N failed`.
import { createRequire } from 'node:module'
import path from 'node:path'

const [page, packages, pictures] = process.argv.slice(2).map((file) => path.resolve(file))
const { chromium } = createRequire(path.join(packages, 'package.json'))('playwright-core')

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, locale: 'en-GB', permissions: ['clipboard-read', 'clipboard-write'] })
const url = `file://${page}`

let passed = 0
let failed = 0
let tab
const troubles = []

async function open(hash = '') {
  await tab?.close()
  tab = await context.newPage()
  tab.on('pageerror', (error) => troubles.push(String(error)))
  tab.on('console', (message) => message.type() === 'error' && troubles.push(message.text()))
  await tab.goto(url + hash)
  await tab.waitForFunction(() => document.body.dataset.done, null, { timeout: 60000 })
}

const done = () => tab.evaluate(() => Number(document.body.dataset.done ?? 0))

// Does something and waits for the next answer.
async function answered(act) {
  const before = await done()
  await act()
  await tab.waitForFunction((n) => Number(document.body.dataset.done) > n, before, { timeout: 30000 })
}

const latex = () => tab.locator('#answer annotation').first().textContent()
const text = (id) => tab.locator(id).textContent()

function equal(found, expected) {
  if (found !== expected) throw new Error(`expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`)
}
function contains(found, expected) {
  if (!found.includes(expected)) throw new Error(`expected ${JSON.stringify(expected)} in ${JSON.stringify(found)}`)
}

async function test(name, run) {
  troubles.length = 0
  try {
    await run()
    equal(troubles.join('\n'), '')
    passed++
  } catch (error) {
    failed++
    console.log(`FAILED ${name}: ${error.message}`)
    await tab?.screenshot({ path: path.join(pictures, 'failed.png') })
  }
}

const field = (id, value) => answered(() => tab.fill(id, value))

await test('answers the first example, ready in time', async () => {
  const before = Date.now()
  await open()
  const first = Date.now() - before
  equal(await latex(), '2 \\mathbf{A}^\\top \\left(\\mathbf{A} \\mathbf{x} - \\mathbf{b}\\right)')
  console.log(`engine ready after ${await tab.evaluate(() => document.body.dataset.ready)} ms, first answer after ${first} ms`)
  await tab.screenshot({ path: path.join(pictures, 'answer.png') })
})
await test('answers while one types', async () => {
  await field('#expr', 'logdet(X) + tr(A*X)')
  await field('#wrt', 'X')
  equal(await latex(), '\\mathbf{A}^\\top + \\mathbf{X}^{-\\top}')
  console.log(`an answer takes ${await text('#status')}`)
})
await test('reads LaTeX and Unicode', async () => {
  await field('#expr', '\\|Xw - y\\|^2')
  await field('#wrt', 'w')
  equal(await latex(), '2 \\mathbf{X}^\\top \\left(\\mathbf{X} \\mathbf{w} - \\mathbf{y}\\right)')
})
await test('shows the layout that is chosen', async () => {
  await answered(() => tab.selectOption('#layout', 'numerator'))
  contains(await latex(), '^\\top \\mathbf{X}')
  await answered(() => tab.selectOption('#layout', 'denominator'))
})
await test('shows the steps', async () => {
  await tab.click('#steps-part summary')
  const count = await tab.locator('#steps li').count()
  if (count < 3) throw new Error(`${count} steps`)
  contains(await text('#steps'), 'squared norm')
  await tab.screenshot({ path: path.join(pictures, 'steps.png'), fullPage: true })
})
await test('says what is wrong, where, and keeps the answer', async () => {
  await field('#expr', 'tr(A*X')
  contains(await text('#error'), 'this `(` is never closed')
  contains(await text('#error'), '\n    ^')
  equal(await tab.getAttribute('#expr', 'aria-invalid'), 'true')
  await tab.screenshot({ path: path.join(pictures, 'error.png') })
  await field('#expr', 'norm2(w)^2')
  equal(await text('#error'), '')
  equal(await latex(), '2 \\mathbf{w}')
})
await test('uses the rule file, and marks what is wrong in it', async () => {
  await tab.click('#rules-part summary')
  await tab.click('.cm-content')
  await answered(() => tab.keyboard.insertText('function twice(x(n)): vector (n) = 2*x\n'))
  await field('#expr', 'sum(twice(x))')
  await field('#wrt', 'x')
  contains(await latex(), '2')
  await tab.click('.cm-content')
  await tab.keyboard.press('Control+End')
  await answered(() => tab.keyboard.insertText('function bad(x(n)): vektor (n) = x'))
  contains(await text('#error'), 'vector')
  await tab.waitForSelector('.cm-lint-marker-error')
  await tab.screenshot({ path: path.join(pictures, 'rules.png'), fullPage: true })
  await answered(() => tab.evaluate(() => window.nabla.rules.setText('')))
})
await test('copies the answer and a link that brings it back', async () => {
  await field('#expr', "x'*A*x")
  await tab.click('[data-copy="text"]')
  await tab.waitForFunction(() => document.getElementById('status').textContent.startsWith('copied'))
  equal(await tab.evaluate(() => navigator.clipboard.readText()), "(A + A')*x")
  await tab.click('[data-copy="link"]')
  await tab.waitForFunction(() => document.getElementById('status').textContent.includes('#'))
  const address = await tab.evaluate(() => navigator.clipboard.readText())
  await open(address.slice(address.indexOf('#')))
  equal(await tab.inputValue('#expr'), "x'*A*x")
  contains(await latex(), '\\mathbf{A}')
})
await test('compares with finite differences', async () => {
  await answered(() => tab.selectOption('#verify', 'yes'))
  contains(await text('#answer'), 'Finite differences agree.')
  await answered(() => tab.selectOption('#verify', ''))
})
await test('says when a formula of a paper is right', async () => {
  await answered(() => tab.selectOption('#example', 'a formula from a paper'))
  contains(await text('#answer'), 'right if A is symmetric')
  await field('#formula', 'd(x^T A x)/dx = x^T (A + A^T)')
  contains(await text('#answer'), 'numerator')
  await tab.screenshot({ path: path.join(pictures, 'identify.png') })
  await field('#formula', 'd(x^T A x)/dx = ')
  equal(await tab.getAttribute('#formula', 'aria-invalid'), 'true')
})
await test('proves a rule file', async () => {
  await tab.selectOption('#op', 'check')
  await answered(() => tab.evaluate(() => window.nabla.rules.setText('let matrix A(n,n)\ncheck "gain" tr(2*A) == 2*tr(A)')))
  contains(await text('#answer'), 'All statements are proved.')
  await answered(() => tab.evaluate(() => window.nabla.rules.setText('let matrix A(n,n)\nrule "loss" tr(4*A) -> 3*tr(A)')))
  contains(await text('#answer'), 'A statement is wrong.')
  await tab.screenshot({ path: path.join(pictures, 'check.png') })
  await tab.evaluate(() => window.nabla.rules.setText(''))
  await answered(() => tab.selectOption('#example', 'least squares'))
})
for (const [name, expected] of [
  ['quadratic form, Hessian', '\\mathbf{A}'],
  ['normal equations', '\\mathbf{A}^\\top \\mathbf{b}'],
]) {
  await test(`answers the example "${name}"`, async () => {
    await answered(() => tab.selectOption('#example', name))
    contains(await latex(), expected)
  })
}
for (const [name, expected] of [
  ['Lyapunov equation', 'lyap'],
  ['a convex function', 'convex'],
  ['expansion of the inverse', 'O'],
  ['two forms of one gradient', 'yes'],
  ['least squares in NumPy', 'def value_and_gradient(A, x, b'],
]) {
  await test(`answers the example "${name}"`, async () => {
    await answered(() => tab.selectOption('#example', name))
    equal(await text('#error'), '')
    contains(await text('#answer'), expected)
  })
}
await test('stops what takes too long, and goes on', async () => {
  await answered(() => tab.selectOption('#example', 'least squares'))
  await tab.fill('#expr', `tr(${'A*x*'.repeat(6000)}A)`)
  await tab.fill('#wrt', 'x')
  await tab.click('#stop', { timeout: 20000 })
  await field('#expr', 'norm2(x)')
  contains(await latex(), '\\mathbf{x}')
})
await test('speaks Chinese', async () => {
  await answered(() => tab.click('#language'))
  contains(await text('main'), '布局')
  equal(await tab.getAttribute('html', 'lang'), 'zh')
  await tab.screenshot({ path: path.join(pictures, 'chinese.png') })
  await answered(() => tab.click('#language'))
})
await test('has a label for each field, and is used by the keyboard alone', async () => {
  const bare = await tab.evaluate(() =>
    [...document.querySelectorAll('input, select, textarea')].filter((f) => !f.closest('label') && !f.getAttribute('aria-label')).map((f) => f.id),
  )
  equal(bare.join(), '')
  await tab.focus('#expr')
  await tab.keyboard.press('Tab')
  equal(await tab.evaluate(() => document.activeElement.id), 'wrt')
})
await test('fits a phone', async () => {
  await tab.setViewportSize({ width: 360, height: 740 })
  const wider = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  if (wider > 0) throw new Error(`${wider} pixels too wide`)
  await tab.screenshot({ path: path.join(pictures, 'phone.png') })
})

await browser.close()
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
