--- A derivation: a list of lines, each with the reason for it.
--
--     line.kind      given, rewrite, rule, canonical, collect, simplify, layout, fact, identity, let, lemma
--     line.rule      the name of what gave it; line.zh its Chinese title, line.cite its source, where there are any
--     line.says      of a line of a solution: its reason in a language and a format
--     line.left, line.right    display trees (nabla.print.display): what is on the page
--     line.changes   { { before, after }, .. }: the subtrees of the line before that a rule rewrote
--     line.serial    the number of the rule in the session, if it is one; session.rules has its file and line
--     line.schema    { left, right }: the rule as an equation (nodes), where its pattern is deep; `declared`: its letters;
--                    `written`: the syntax tree of what is differentiated, of an identity
--
-- A derivation also has `of`, the name of the function, `answer` (a node), `layout` (its name), `variable`.
--
-- @classmod nabla.Derivation

local as_written = require "nabla.print.as_written"
local core = require "nabla.core"
local forms = require "nabla.print.forms"
local wording = require "nabla.derive.wording"
local format = require "nabla.print.format"
local graph = require "nabla.print.graph"
local titles = require "nabla.text.titles"

local KIND = core.constants.kinds

local M = {}

local Derivation = {}
Derivation.__index = Derivation
Derivation.__name = "nabla.Derivation"

-- Options of the printer without the notation of a program.
local function plain_options(given)
  if not (given and given.program) then
    return given
  end
  local options = {}
  for key, value in pairs(given) do
    options[key] = value
  end
  options.program, options.theme = nil, nil
  return options
end

--- A derivation without lines. For modules of nabla. Its lines are never in the notation of a program, which has no differentials.
function M.new(fields)
  fields.print_options = plain_options(fields.print_options)
  return setmetatable(fields, Derivation)
end

--- Append a line.
function Derivation:add(line)
  self[#self + 1] = line
  return line
end

local function written(self, tree, how)
  return format[how](tree, self.print_options)
end

--- A display tree in a format.
function Derivation:write(tree, how)
  return written(self, tree, how or "text")
end

--- The text of a node, its rule variables as letters.
function Derivation:node_text(id)
  local S, from, to = self.session.S, {}, {}
  for _, x in ipairs(S:postorder(id)) do
    if S:op(x) == "variable" then
      from[#from + 1] = x
      to[#to + 1] = S:symbol(S:name(x), KIND[S:kind(x)], 0, S:rows(x), S:cols(x))
    end
  end
  id = S:replace(id, from, to)
  local opts = { memo = {} }
  for k, v in pairs(self.print_options) do
    opts[k] = v
  end
  return format.text(forms.tree(self.session.S, id, opts), opts)
end

--- The statement of a rule as an equation.
function Derivation:schema_text(schema)
  local left = self:node_text(schema.left)
  if schema.written then -- of an identity, as its file has it
    local context = as_written.context(self.session, { vars = {} }, {})
    left = "d(" .. format.text(as_written.tree(context, schema.written)) .. ")"
  end
  return left .. " = " .. self:node_text(schema.right)
end

--- Declarations of the variables in the statement of a rule.
function Derivation:declarations(schema)
  local S, list, seen = self.session.S, {}, {}
  for _, id in ipairs(S:postorder(schema.left)) do
    if S:op(id) == "variable" and not seen[id] then
      seen[id] = true
      local scalar = S:dimtext(S:rows(id)) == "1" and S:dimtext(S:cols(id)) == "1"
      local sizes = ("(%s,%s)"):format(S:dimtext(S:rows(id)), S:dimtext(S:cols(id)))
      local known = schema.declared and schema.declared[S:name(id)]
      local words = { scalar and "scalar " .. S:name(id) or "matrix " .. S:name(id) .. sizes }
      for _, attribute in ipairs(known and known.attributes or {}) do
        words[#words + 1] = attribute.name
      end
      list[#list + 1] = table.concat(words, " ")
    end
  end
  return list
end

--- One line: left side = right side.
-- @tparam integer i
-- @tparam[opt] string how text (the default), unicode, latex
function Derivation:line_text(i, how)
  local line = self[i]
  return written(self, line.left, how or "text") .. " = " .. written(self, line.right, how or "text")
end

--- The derivation of one line from the one before it, one rule at one place a line; nil where there is none.
-- @tparam integer i
function Derivation:finer(i)
  self.with_finer = self.with_finer or self.again()
  local steps = self.with_finer[i].steps
  return steps and #steps > 1 and steps or nil
end

local LATEX_SPECIAL = { ["\\"] = "\\textbackslash{}", ["^"] = "\\textasciicircum{}", ["~"] = "\\textasciitilde{}" }

local function latex_text(text)
  return (text:gsub("[\\%^~{}%%&#_$]", function(c)
    return LATEX_SPECIAL[c] or "\\" .. c
  end))
end

-- The reason with its formulas in LaTeX.
local function latex_reason(self, line, lang)
  local words = titles.of(line, lang) and titles.of(line.words, lang) or line.words.text
  return wording.filled(latex_text(words):gsub("\\%%", "%%"), line.args, lang, function(tree)
    return written(self, tree, "latex")
  end, function(formula)
    return "$" .. formula .. "$"
  end, latex_text)
end

--- The reason for a line, in a language: en (the default), zh; formulas in it as text, or in a format of the derivation.
function Derivation:reason(i, lang, how)
  local line = self[i]
  local name = titles.of(line, lang) or line.rule
  local latex = how == "latex"
  if line.says then -- a solution: its conditions are formulas among words
    return line.says(lang, how) or ""
  elseif latex then
    name = line.words and latex_reason(self, line, lang) or latex_text(name)
  elseif how == "unicode" and line.words then
    local words = titles.of(line.words, lang) or line.words.text
    name = wording.filled(words, line.args, lang, function(tree)
      return written(self, tree, how)
    end)
  end
  local cite = line.cite and (latex and latex_text(line.cite) or line.cite)
  return cite and ("%s (%s)"):format(name, cite) or name
end

local function width(text)
  return utf8.len(text) or #text
end

-- The lines and their reasons, one below the other; a left side that is that of the line before is left out.
local function aligned(self, how, lang)
  local lines, widest = {}, 0
  local before, tree
  for i = 1, #self do
    local left = self[i].left == tree and before or written(self, self[i].left, how)
    local right = written(self, self[i].right, how)
    local shown = left == before and (" "):rep(width(left)) or left
    before, tree = left, self[i].left
    lines[i] = shown .. " = " .. right
    if width(lines[i]) <= 72 then
      widest = math.max(widest, width(lines[i]))
    end
  end
  for i, line in ipairs(lines) do
    local reason = self:reason(i, lang, how)
    lines[i] = reason == "" and line or line .. (" "):rep(widest - width(line)) .. "   " .. reason
  end
  return table.concat(lines, "\n")
end

--- In a format: text (the default), unicode, latex, markdown. Options: `lang` (en, zh).
function Derivation:format(how, opts)
  return self[how or "text"](self, opts)
end

--- As text. Options: `lang` (en, zh).
function Derivation:text(opts)
  return aligned(self, "text", opts and opts.lang)
end

--- With mathematical characters.
function Derivation:unicode(opts)
  return aligned(self, "unicode", opts and opts.lang)
end

--- As LaTeX, the environment align*, for a document with amsmath. Options: `lang`; `reasons` (false: none).
function Derivation:latex(opts)
  opts = opts or {}
  local rows, before = {}, nil
  for i = 1, #self do
    local left = written(self, self[i].left, "latex")
    local reason = opts.reasons ~= false and self:reason(i, opts.lang, "latex") or ""
    reason = reason ~= "" and " && \\text{" .. reason .. "}" or ""
    rows[i] = (left == before and "" or left) .. " &= " .. written(self, self[i].right, "latex") .. reason
    before = left
  end
  return "\\begin{align*}\n" .. table.concat(rows, " \\\\\n") .. "\n\\end{align*}"
end

--- As Markdown: a numbered list, formulas between dollars.
function Derivation:markdown(opts)
  local rows = {}
  for i = 1, #self do
    local left, right = written(self, self[i].left, "latex"), written(self, self[i].right, "latex")
    local reason = self:reason(i, opts and opts.lang, "latex")
    rows[i] = ("%d. $%s = %s$%s"):format(i, left, right, reason ~= "" and " — " .. reason or "")
  end
  return table.concat(rows, "\n")
end

--- As a graph in DOT, the language of Graphviz: the lines, and on each edge the reason for the next. Options: `lang`.
function Derivation:dot(opts)
  local vertices, edges = {}, {}
  for i = 1, #self do
    vertices[i] = { label = self:line_text(i, "unicode"), shape = "box" }
    edges[i - 1] = i > 1 and { i - 1, i, label = " " .. self:reason(i, opts and opts.lang, "unicode") } or nil
  end
  return graph.dot { vertices = vertices, edges = edges }
end

--- The same graph as SVG, by Graphviz; nil and an error where Graphviz is not installed.
function Derivation:svg(opts)
  return graph.svg(self:dot(opts))
end

Derivation.__tostring = Derivation.text
M.Derivation = Derivation

return M
