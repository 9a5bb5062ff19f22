--- The grammar of whole texts: an expression, a list of declarations.
--
-- Its parts are nabla.language.expressions and nabla.language.declarations, the trees are made by nabla.language.postfix, and
-- nabla.language.mistakes says what is wrong with a text.
--
-- @module nabla.language.grammar

local characters = require "nabla.language.characters"
local declarations = require "nabla.language.declarations"
local expressions = require "nabla.language.expressions"
local lpeg = require "lpeg"
local mistakes = require "nabla.language.mistakes"

local P, V = lpeg.P, lpeg.V

local M = {}

-- Grammars of expressions with the signs of rule files, by the table of the signs.
local with_signs = setmetatable({}, { __mode = "k" })

local function complete(entry, rules, ending)
  rules[1] = "whole"
  rules.whole = characters.free_space * entry * (-1 + ending)
  return P(rules)
end

-- By what the whole text is. Each is made when it is first needed.
local grammars = setmetatable({}, {
  __index = function(grammars, whole)
    local rules = expressions.rules(characters.free_space)
    if whole == "expression" then
      grammars[whole] = complete(V "expression", rules, mistakes.expected("end", true))
    else
      local list = declarations.list(characters.free_space, characters.free_space)
      grammars[whole] = complete(list, rules, mistakes.expected "declarations end")
    end
    return rawget(grammars, whole)
  end,
})

local function grammar_of(whole, opts)
  local signs = whole == "expression" and opts and opts.signs
  if not signs then
    return grammars[whole]
  end
  local rules = not with_signs[signs] and expressions.rules(characters.free_space, nil, signs)
  with_signs[signs] = with_signs[signs] or complete(V "expression", rules, mistakes.expected("end", true))
  return with_signs[signs]
end

--- Reads a text.
---@param whole string "expression" or "declaration"
---@param opts table|nil signs: those of rule files (nabla.language.own_signs)
---@param context table as nabla.language.mistakes.match takes it
---@return any tree or list of declarations; or nil and the error
function M.match(whole, opts, context)
  return mistakes.match(grammar_of(whole, opts), context)
end

return M
