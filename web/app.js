// The page: what is typed becomes a request of `nabla batch`, its answer is typeset. No mathematics is done here.
import katex from 'katex'
import 'katex/dist/katex.css'
import './style.css'
import { editor } from './editor.js'
import { Engine } from './engine-worker.js'
import { examples, words } from './words.js'

const started = performance.now()
const element = (id) => document.getElementById(id)

// ------------------------------------------------------------------------------------------- the form

const FIELDS = ['op', 'expr', 'formula', 'other', 'equations', 'constraints', 'wrt', 'unknowns', 'direction', 'target', 'decl', 'layout', 'convention', 'notation', 'detail', 'verify']
// What each operation of batch asks for; the rest of the form is hidden.
const USES = {
  derivative: ['expr', 'wrt', 'decl', 'layout', 'convention', 'notation', 'detail', 'verify'],
  hessian: ['expr', 'wrt', 'decl', 'layout', 'convention', 'notation', 'detail', 'verify'],
  identify: ['formula', 'decl', 'convention', 'notation'],
  solve: ['equations', 'unknowns', 'decl', 'notation'],
  stationary: ['expr', 'unknowns', 'decl', 'constraints', 'notation'],
  convexity: ['expr', 'wrt', 'decl'],
  taylor: ['expr', 'wrt', 'decl', 'direction', 'notation'],
  equal: ['expr', 'other', 'decl'],
  code: ['expr', 'wrt', 'decl', 'target', 'layout', 'convention'],
  check: [],
}
const PARTS = ['expr', 'formula', 'other', 'equations', 'wrt', 'unknowns', 'direction', 'target', 'decl', 'constraints', 'layout', 'convention', 'notation', 'detail', 'verify']

let language = (navigator.language || '').startsWith('zh') ? 'zh' : 'en'
const word = (name) => words[language][name]

function option(select, value, text) {
  const item = document.createElement('option')
  item.value = value
  item.textContent = text
  select.append(item)
}

function fill(select, list) {
  const chosen = select.value
  select.replaceChildren()
  for (const { name, text } of list) option(select, name, text)
  if (list.some(({ name }) => name === chosen)) select.value = chosen
}

let choices = { layouts: [], conventions: [], notations: [], targets: [] }

// All words of the page in the language.
function translate() {
  document.documentElement.lang = language
  for (const part of document.querySelectorAll('[data-word]')) part.textContent = word(part.dataset.word)
  fill(element('op'), Object.keys(USES).map((name) => ({ name, text: word(name) })))
  fill(element('detail'), ['normal', 'brief', 'fine'].map((name) => ({ name, text: word(name) })))
  fill(element('verify'), [{ name: '', text: word('verifyNot') }, { name: 'yes', text: word('verifyYes') }])
  fill(element('example'), [{ name: '', text: '' }, ...examples.map((e) => ({ name: e.name, text: language === 'zh' ? e.zh : e.name }))])
  const titles = (list) => list.map(({ name, title, zh }) => ({ name, text: (language === 'zh' && zh) || title || name }))
  for (const kind of ['layout', 'convention', 'notation']) fill(element(kind), titles(choices[`${kind}s`]))
  fill(element('target'), choices.targets.map((name) => ({ name, text: name })))
  const button = element('language')
  button.textContent = language === 'zh' ? 'English' : '中文'
  button.lang = language === 'zh' ? 'en' : 'zh'
}

function show() {
  const used = USES[element('op').value]
  for (const part of PARTS) {
    for (const label of document.querySelectorAll(`[data-for="${part}"]`)) label.hidden = !used.includes(part)
  }
  if (element('op').value === 'check') element('rules-part').open = true
}

// Keys of every other request that these operations do not take.
const NOT_TAKEN = { code: ['format', 'lang'], check: ['format', 'lang'], identify: ['lang'] }

const lines = (text) => text.split('\n').map((line) => line.trim()).filter(Boolean)
const names = (text) => text.split(',').map((name) => name.trim()).filter(Boolean)

const DEFAULTS = { op: 'derivative', layout: 'denominator', convention: 'free', notation: 'nabla', detail: 'normal', target: 'numpy' }

// The request of batch that the form says; nothing while it is not complete.
function request() {
  const op = element('op').value
  const used = USES[op]
  const asked = { op, format: 'latex', lang: language }
  const value = (id) => element(id).value.trim()
  if (used.includes('expr')) asked[op === 'equal' ? 'left' : 'expr'] = value('expr')
  if (used.includes('formula')) asked.formula = value('formula')
  if (used.includes('other')) asked.right = value('other')
  if (used.includes('target')) asked.target = value('target')
  if (used.includes('wrt')) asked.wrt = value('wrt')
  if (used.includes('direction') && value('direction')) asked.direction = value('direction')
  if (used.includes('equations')) asked.equations = lines(value('equations'))
  if (used.includes('unknowns')) asked.unknowns = names(value('unknowns'))
  if (used.includes('constraints') && value('constraints')) asked.constraints = lines(value('constraints'))
  if (used.includes('decl') && value('decl')) asked.decl = [value('decl')]
  for (const kind of ['layout', 'convention', 'notation']) if (used.includes(kind) && value(kind)) asked[kind] = value(kind)
  if (used.includes('detail')) Object.assign(asked, { steps: true, detail: value('detail') })
  if (op === 'solve' || op === 'stationary' || op === 'equal') asked.steps = true
  if (used.includes('verify') && value('verify')) asked.verify = true
  for (const key of NOT_TAKEN[op] ?? []) delete asked[key]
  if (op === 'identify') asked.format = 'unicode' // its text is lines
  if (rules.text()) asked.rules_text = [{ name: word('rules'), text: rules.text() }]
  if (op === 'check' && !asked.rules_text) return null
  const missing = [asked.expr, asked.left, asked.right, asked.formula].includes('') || asked.wrt === ''
  return missing || asked.equations?.length === 0 || asked.unknowns?.length === 0 ? null : asked
}

// ------------------------------------------------------------------------------------------- the link

// What was typed is in the address, so that a link to the page carries it.
function state() {
  const kept = {}
  for (const id of FIELDS) if (element(id).value !== (DEFAULTS[id] ?? '')) kept[id] = element(id).value
  if (rules.text()) kept.rules = rules.text()
  return kept
}

function restore(kept) {
  for (const id of FIELDS) {
    const field = element(id)
    const value = kept[id] ?? DEFAULTS[id] ?? ''
    // a list is filled once the engine is there
    if (field.tagName === 'SELECT' && ![...field.options].some((o) => o.value === value)) option(field, value, value)
    field.value = value
  }
  if (kept.rules !== undefined && kept.rules !== rules.text()) rules.setText(kept.rules)
  if (kept.rules) element('rules-part').open = true
  show()
}

function fromAddress() {
  try {
    return JSON.parse(decodeURIComponent(location.hash.slice(1)))
  } catch {
    return null
  }
}

const link = () => `${location.href.split('#')[0]}#${encodeURIComponent(JSON.stringify(state()))}`

// ------------------------------------------------------------------------------------------- the answer

function typeset(parent, latex, plain, atLeft = false) {
  const place = document.createElement('div')
  try {
    katex.render(latex, place, { displayMode: true, throwOnError: true, strict: 'ignore', fleqn: atLeft })
  } catch {
    place.textContent = plain ?? latex
  }
  parent.append(place)
}

function line(parent, name, text) {
  const place = document.createElement(name)
  place.textContent = text
  parent.append(place)
  return place
}

// How the answers of an operation are shown, where they are no formula.
const KIND = { solve: 'solution', stationary: 'solution', convexity: 'verdict', equal: 'words', code: 'code', identify: 'formulas', check: 'statements' }

let shown = null // the request and the answer that the page shows

const WRITERS = {
  solution(answer, parent) {
    for (const [name, value] of Object.entries(answer.solutions)) typeset(parent, `${latexName(name)} = ${value}`)
    for (const { text } of answer.conditions ?? []) line(parent, 'p', `${word('condition')} ${text}`)
    if (answer.kind) line(parent, 'p', answer.kind)
  },
  verdict(answer, parent) {
    line(parent, 'p', answer.verdict)
    for (const { text, rule } of answer.because ?? []) line(parent, 'p', `${word('because')} ${text}: ${rule}`)
    if (answer.hessian) line(parent, 'p', `${word('secondDerivative')}: ${answer.hessian}`)
    if (answer.note) line(parent, 'p', answer.note)
  },
  code(answer, parent) {
    line(parent, 'pre', answer.answer)
  },
  formulas(answer, parent) {
    line(parent, 'pre', answer.text)
    if (answer.converted) line(parent, 'pre', answer.converted)
  },
  statements(answer, parent) {
    line(parent, 'p', word(answer.answer))
    const list = line(parent, 'ul', '')
    for (const { line: at, kind, name, verdict, detail } of answer.statements) {
      line(list, 'li', [`${at}: ${[kind, name].filter(Boolean).join(' ')}: ${verdict.toLowerCase()}`, detail].filter(Boolean).join('\n')).className = 'statement'
    }
  },
  words(answer, parent) {
    line(parent, 'p', [answer.answer, answer.why].filter(Boolean).join(': '))
  },
  formula(answer, parent, request) {
    typeset(parent, answer.answer)
    line(parent, 'p', `${word('shape')} ${answer.shape}`)
    if (request.verify) line(parent, 'p', word('verified'))
  },
}

const latexName = (name) => (name.length === 1 ? `\\mathbf{${name}}` : `\\mathit{${name.replaceAll('_', '\\_')}}`)

function writeSteps(steps) {
  const list = element('steps')
  list.replaceChildren()
  element('steps-part').hidden = !steps?.length
  for (const step of steps ?? []) {
    const item = line(list, 'li', '')
    if (step.latex) typeset(item, step.latex, step.text, true)
    else line(item, 'code', step.text)
    const reason = step.rule ?? step.why
    if (reason) line(item, 'div', step.cite ? `${reason} (${step.cite})` : reason).className = 'reason'
  }
}

function writeAnswer(answer, milliseconds, asked) {
  const { error } = answer
  element('output').classList.toggle('old', Boolean(error))
  for (const id of ['expr', 'formula', 'other', 'wrt', 'decl']) element(id).setAttribute('aria-invalid', FIELD_OF[error?.field] === id)
  element('error').textContent = error ? describe(error) : ''
  rules.mark(error?.field === 'rules_text' ? error : null)
  element('status').textContent = word('ready')(milliseconds.toFixed(0))
  if (!error) {
    const parent = element('answer')
    parent.replaceChildren()
    WRITERS[KIND[asked.request.op] ?? 'formula'](answer, parent, asked.request)
    element('notes').replaceChildren()
    for (const note of answer.notes ?? []) line(element('notes'), 'li', note)
    writeSteps(answer.steps)
    shown = { asked, answer }
    element('copy').hidden = false
    history.replaceState(null, '', link())
  }
  document.body.dataset.done = Number(document.body.dataset.done ?? 0) + 1
}

// Which field of the form holds what a key of a request says.
const FIELD_OF = { expr: 'expr', formula: 'formula', left: 'expr', right: 'other', wrt: 'wrt', decl: 'decl' }

// The message, the line with a caret under the place, the hint.
function describe(error) {
  const parts = [error.message]
  const text = FIELD_OF[error.field] ? element(FIELD_OF[error.field]).value : undefined
  if (text && error.column && !text.includes('\n')) parts.push(`  ${text}`, `  ${' '.repeat(error.column - 1)}^`)
  else if (error.line) parts.push(word('where')(error.line, error.column))
  if (error.hint) parts.push(`${word('hint')}: ${error.hint}`)
  return parts.join('\n')
}

// ------------------------------------------------------------------------------------------- asking

let timer
let copying = null // what waits for an answer in another format

const engine = new Engine({
  ready(given) {
    choices = given
    document.body.dataset.ready = Math.round(performance.now() - started)
    translate()
    restore(state())
  },
  busy(yes) {
    clearTimeout(timer)
    if (!yes) {
      element('stop').hidden = true
      return
    }
    timer = setTimeout(() => {
      element('stop').hidden = false
      element('status').textContent = word('working')
    }, 400)
  },
  answer(answer, milliseconds, asked) {
    if (asked.copy) copying?.(answer)
    else writeAnswer(answer, milliseconds, asked)
  },
  failed(error) {
    element('error').textContent = `${word('crashed')} ${error}`
  },
})

const ask = () => {
  const asked = request()
  if (asked) engine.ask({ request: asked })
}
let typing
const later = () => {
  clearTimeout(typing)
  typing = setTimeout(ask, 150)
}

element('stop').addEventListener('click', () => {
  engine.stop()
  element('status').textContent = word('stopped')
})

// ------------------------------------------------------------------------------------------- copying

// The answer as text in a format: its solutions a line each.
function plain(answer) {
  if (answer.text) return answer.text
  if (answer.answer) return answer.answer
  if (answer.solutions) return Object.entries(answer.solutions).map(([name, value]) => `${name} = ${value}`).join('\n')
  return answer.verdict ?? answer.error?.message ?? ''
}

async function copy(format) {
  let text = link()
  if (format !== 'link') {
    const answer =
      format === 'latex' || ['code', 'identify', 'check'].includes(shown.asked.request.op)
        ? shown.answer
        : await new Promise((resolve) => {
            copying = resolve
            const { steps, detail, verify, ...asked } = shown.asked.request
            engine.ask({ ...shown.asked, copy: true, request: { ...asked, format } })
          })
    text = plain(answer)
  }
  await navigator.clipboard.writeText(text)
  element('status').textContent = `${word('copied')}: ${text}`
}
for (const button of document.querySelectorAll('[data-copy]')) button.addEventListener('click', () => copy(button.dataset.copy))

// ------------------------------------------------------------------------------------------- start

translate()
const rules = editor(element('rules'), word('rules'), later)
element('status').textContent = word('starting')
restore(fromAddress() ?? examples[0])
for (const id of FIELDS) element(id).addEventListener('input', later)
element('op').addEventListener('input', show)
element('form').addEventListener('submit', (event) => event.preventDefault())
element('example').addEventListener('input', ({ target }) => {
  const chosen = examples.find(({ name }) => name === target.value)
  if (chosen) {
    restore({ ...chosen, rules: rules.text() })
    ask()
  }
})
element('language').addEventListener('click', () => {
  language = language === 'zh' ? 'en' : 'zh'
  translate()
  ask()
})
window.addEventListener('hashchange', () => {
  const kept = fromAddress()
  if (kept) {
    restore(kept)
    ask()
  }
})
window.nabla = { rules } // for the tests
ask()
