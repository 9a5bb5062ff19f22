// The editor of the rule file: marks what a statement begins with, shows errors at their place.
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, setDiagnostics } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { EditorView, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const statement =
  /(?:rule|fact|function|operator|adjoint|jacobian|block|layout|convention|notation|identity|table|check|attribute|let|use|default|without|isolate|curvature|domain|differential|prefer)\b/
const inside = /(?:if|where|for|implies|means|value|order|linear|elementwise)\b/

const language = StreamLanguage.define({
  token(stream) {
    if (stream.match(/#.*/)) return 'comment'
    if (stream.match(/"(?:[^"\\]|\\.)*"?/)) return 'string'
    if (stream.sol() && stream.match(statement)) return 'keyword'
    if (stream.match(inside)) return 'modifier'
    if (stream.match(/->|==|=/)) return 'operator'
    if (stream.match(/[0-9]+/)) return 'number'
    if (stream.match(/[\p{L}_][\p{L}\p{N}_]*/u)) return 'variableName'
    stream.next()
    return null
  },
})

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--quiet)' },
  { tag: tags.keyword, color: 'var(--accent)', fontWeight: 'bold' },
  { tag: tags.modifier, color: 'var(--accent)' },
  { tag: tags.string, color: 'var(--quiet)' },
])

// An editor in an element: { text, setText, mark }.
export function editor(parent, label, changed) {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      extensions: [
        lineNumbers(),
        history(),
        keymap.of([...defaultKeymap, ...historyKeymap]), // Tab leaves the editor, as in a form
        language,
        syntaxHighlighting(colours),
        lintGutter(),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
        EditorView.updateListener.of((update) => update.docChanged && changed()),
      ],
    }),
  })
  return {
    text: () => view.state.doc.toString(),
    setText: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    // Marks what is wrong in the file: { line, column, message, hint }, or nothing.
    mark: (error) => {
      const marks = []
      if (error && error.line) {
        const line = view.state.doc.line(Math.min(error.line, view.state.doc.lines))
        const from = Math.min(line.from + (error.column || 1) - 1, line.to)
        marks.push({ from, to: line.to, severity: 'error', message: error.message })
      }
      view.dispatch(setDiagnostics(view.state, marks))
    },
  }
}
