--- In which language is a text: nabla's own, or that of pages?
--
-- A sign of LaTeX decides. Else nabla's own grammar is tried, which is strict; a text that it does not take, or whose names
-- are letters side by side, is read as a page has it. Where both fail, the error is that of the likelier language.
--
-- @module nabla.page.recognise

local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local is_latex = require "nabla.latex.is_latex"
local habit = require "nabla.language.habit"
local later = require "nabla.text.later"
local scopes = require "nabla.language.scope"
local notes = require "nabla.text.notes"
local program_text = require "nabla.page.program_text"
local refused_words = require "nabla.page.refused_words"
local syntax = require "nabla.language.syntax"

local entries = later.require "nabla.page.entries"
local complex = later.require "nabla.language.complex"
local marks = later.require "nabla.text.marks"
local trees = later.require "nabla.language.tree"

local M = {}


local OWN = { I = true, ones = true, zeros = true, D = true, d = true }

-- Names in a tree that nobody knows: letters side by side.
local function unknown_names(session, tree)
  local found = false
  trees.walk(tree, function(t)
    local name = t.tag == "name" and t.name
    if name and not OWN[name] and not habit.kind(name) then
      local op = session.ops[name]
      local known = scopes.lookup(session.scope, name) or op and not op.gone or scopes.is_dimension(session.scope, name)
      found = found or not known and name:find "^[%a\128-\255]+$" ~= nil
    end
  end)
  return found
end

-- Does a tree call a function by the name that pages have for it: Tr, norm?
local function has_page_function(session, tree)
  local found = false
  trees.walk(tree, function(t)
    if not found and t.tag == "call" and not session.ops[t.name] and not scopes.lookup(session.scope, t.name) then
      found = require("nabla.latex.vocabulary").functions[t.name] ~= nil
    end
  end)
  return found
end

-- Give functions that pages have by another name nabla's: norm(x) is norm2(x).
local function rename_page_functions(session, tree)
  trees.walk(tree, function(t)
    if t.tag == "call" and not session.ops[t.name] and not scopes.lookup(session.scope, t.name) then
      t.name = require("nabla.latex.vocabulary").functions[t.name] or t.name
    end
  end)
end

-- Does a tree hold x^T, where nobody declared T?
local function has_raised_letter(session, tree)
  local found = false
  trees.walk(tree, function(t)
    local exponent = t.tag == "power" and t[2]
    exponent = exponent and exponent.tag == "neg" and exponent[1] or exponent
    if exponent and exponent.tag == "name" and (exponent.name == "T" or exponent.name == "H") then
      found = found or not scopes.lookup(session.scope, exponent.name)
    end
  end)
  return found
end

-- Give the letters with a mark that nobody declared, x̂, the names that they have in LaTeX: x_hat.
local function spell_marks(session, tree)
  trees.walk(tree, function(t)
    local spelled = t.name and t.name:find "[\128-\255]" and marks.spelled(t.name)
    if spelled and not scopes.lookup(session.scope, t.name) and not session.ops[t.name] then
      t.name = spelled
    end
  end)
end

local function has_letter(text, a, b)
  return text:find(a, 1, true) or text:find(b, 1, true)
end

-- Signs that are on pages only.
local function has_page_sign(text)
  return text:find "||" ~= nil
    or text:find "%f[%w]d/d%a" ~= nil
    or text:find "[\226\206\207\194]" ~= nil
    or text:find "[%w%)'] +[%a%(]" ~= nil and not text:find "%*"
end

-- What reads pages is loaded by the first text of a page.
local function page_node(session, text, opts)
  local id, c, assumed = require("nabla.page.page_to_node").node(session, text, opts)
  for _, letter in ipairs(c.letters) do
    if not syntax.is_name(letter.name) then
      local pos = text:find(letter.name, 1, true) or 1
      error(errors.at { text = text, pos = pos, message = ("the sign %s is not known"):format(letter.name) }, 0)
    end
  end
  c.notes = notes.list(assumed)
  return id, c
end

--- Read a plain text of declared letters, the quick way: nothing tells of another language there.
-- @tparam table session
-- @tparam string text
-- @tparam table|nil opts as of @{read}
-- @tparam function given what a context for the text is made of (nabla.language.context)
-- @tparam[opt] table signs those of rule files
-- @return the id, and the context; or nil, nil, and the tree of a text that is plain
function M.declared(session, text, opts, given, signs)
  if session.typed or session.complex_letters or program_text.signals(session)(text) then
    return nil
  elseif opts and (opts.latex or opts.typed or opts.by and text:find("_", 1, true)) then
    return nil -- x_1 may be an entry of the variable
  end
  local tree = syntax.plain(text, signs)
  if tree then
    local c = elaborate.of_declared(session, text, given)
    local id = c:node_of_declared(tree)
    return id, id and c, tree
  end
end

--- Read a text in the language that it is in.
-- @tparam table session
-- @tparam string text
-- @tparam table opts layout, convention, `latex` (it is a page's), `typed` (the notation of a program that it is in), `by`, `file`
-- @tparam function strict reads a tree of nabla's own language: called with it
-- @tparam[opt] table signs those of rule files (nabla.language.own_signs)
-- @tparam[opt] table tree that of the text, where @{declared} gave it
-- @return the id, and the context of its elaboration, with what was assumed in `notes`
function M.read(session, text, opts, strict, signs, tree)
  local typed = opts and opts.typed or session.typed
  local latex = not typed and (opts and opts.latex or is_latex(text))
  local program = not typed and not latex and program_text.notation(session, text)
  refused_words.refuse(text, latex, typed or program, function()
    return signs and syntax.expression(text, { signs = signs }) ~= nil
  end)
  if typed then
    return program_text.read(session, program_text.named(session, typed), text, opts, strict)
  elseif latex then
    return page_node(session, text, opts)
  end
  local has_own = program and signs and not syntax.expression(text) and syntax.expression(text, { signs = signs })
  if program and not has_own then -- signs of rule files go first
    return program_text.read(session, program, text, opts, strict)
  end
  local err
  if not tree then
    tree, err = syntax.expression(text, { file = opts and opts.file, signs = signs })
  end
  if utf8.len(text) ~= #text then
    spell_marks(session, tree)
  end
  if tree and session.complex_letters then
    tree = complex.with_adjoints(session, tree)
  end
  if tree and text:find "%.[*/^]" then -- no page's
    rename_page_functions(session, tree)
  end
  if tree and opts and opts.by and opts.by:find "^[%a\128-\255]+$" and text:find(opts.by .. "_%d") then
    local id, c = entries.read(session, syntax.expression(text, { signs = signs }), opts, strict)
    if id then
      return id, c
    end
  end
  if tree and text:find("×", 1, true) then -- of columns the cross product
    local ok, id, c = pcall(page_node, session, text, opts)
    if ok then
      return id, c
    end
  end
  local raised = tree and (
    has_letter(text, "T", "H") and has_raised_letter(session, tree)
    or text:find("(", 1, true) and has_page_function(session, tree)
  )
  local starred = text:find("*", 1, true) ~= nil
  if tree and not raised and (starred or not unknown_names(session, tree)) then
    if starred or not text:find("/", 1, true) then
      return strict(tree)
    end
    local ok, id, c = pcall(strict, tree)
    if ok then
      return id, c
    elseif not errors.is_error(id) or not id.message:find "^division by" or id.message:find "x 1 matrix" then
      error(id, 0)
    end -- b/A
  end
  local ok, id, c = pcall(page_node, session, text, opts)
  if ok then
    return id, c
  elseif not errors.is_error(id) and not (type(id) == "table" and id.message) then
    error(id, 0)
  elseif tree and not raised and not text:find "%f[%a]%l[tT]%a" then -- xTAx
    local read, node, context = pcall(strict, tree)
    if read then
      return node, context
    end
    error(errors.is_error(node) and node.message:find "^unknown name '%a%a'" and id.pos ~= node.pos and id or node, 0)
  end
  program = not tree and program_text.notation(session, text, true)
  if program then
    return program_text.read(session, program, text, opts, strict)
  end
  local equation = text:find "^%s*%a%w*%s*=%s*%S" or text:find "^%s*%a%w*%b()%s*=%s*%S" -- L = (y - Xw)^2
  local is_own = not raised and not tree and (text:find "%*" or not has_page_sign(text)) and not equation
  error(is_own and err or id, 0)
end

--- Read two texts in LaTeX together: the letters are the same things in both.
-- @tparam table session
-- @tparam string a
-- @tparam string b
-- @return two ids, what keeps them, and the notes; nil where a text is not in LaTeX, or they do not fit together
function M.both(session, a, b)
  if not (is_latex(a) and is_latex(b)) then
    return nil
  end
  local p, q, c, assumed = require("nabla.page.page_to_node").both(session, a, b)
  return p, q, c, p and notes.list(assumed)
end

--- The text by which a variable is named, from a page's: `\\Sigma` is Sigma, `\\hat{y}` y_hat, `\\mathbf{x}^T` x'. Raises where a
-- page names no variable.
-- @tparam table session
-- @tparam string text
function M.variable(session, text)
  if syntax.is_name(text) then
    text = not scopes.lookup(session.scope, text) and marks.spelled(text) or text
    if not text:find("_", 1, true) then
      return text
    end
    local base, index = text:match "^([^_]+)_(%w+)$"
    return text, base and ("%s(%s)"):format(base, #index == 2 and index:gsub("^.", "%0,") or index)
  elseif not is_latex(text) and not text:find "%^T%s*$" then
    return text
  end
  local variable = require("nabla.page.page_to_node").variable(session, text)
  return variable and variable.text or text, variable and variable.entry
end

return M
