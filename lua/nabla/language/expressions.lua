--- The grammar of expressions.
--
-- It captures a program in postfix order, of which nabla.language.postfix makes a tree. All that depth costs is LPeg's own
-- stack, whose overflow is an ordinary parse error.
--
-- @module nabla.language.expressions

local blocks = require "nabla.language.grammar_of_blocks"
local characters = require "nabla.language.characters"
local grammar_of_signs = require "nabla.language.grammar_of_signs"
local lpeg = require "lpeg"
local mistakes = require "nabla.language.mistakes"
local postfix = require "nabla.language.postfix"

local P, S, R, V, C = lpeg.P, lpeg.S, lpeg.R, lpeg.V, lpeg.C
local Cc, Cp, Ct = lpeg.Cc, lpeg.Cp, lpeg.Ct
local digit, identifier, boundary = characters.digit, characters.identifier, characters.boundary
local number, superscript = characters.number, characters.superscript
local actions, expected = postfix.actions, mistakes.expected

local M = {}

-- A program of any length, and one that fits on Lua's stack, as all of a rule file do: its table is made in one piece.
local function any_program(steps)
  return Ct(steps) / postfix.run
end

local function short_program(steps)
  return steps / function(...)
    return postfix.run { ... }
  end
end

--- The rules of expressions, to be put in a grammar. Its entry is `expression`, which captures one tree.
---@param space any the pattern of the space between tokens
---@param reserved table|nil a set of words that are no names: then expressions are those of a rule file, of moderate length
---@param signs table|nil those of rule files: nabla.language.own_signs
---@return table rules
function M.rules(space, reserved, signs)
  local as_tree = reserved and short_program or any_program
  local keyword = P(false)
  for reserved_word in pairs(reserved or {}) do
    keyword = keyword + reserved_word * boundary
  end
  local any_name = V "name"

  local function sign(pattern)
    return P(pattern) * space
  end
  local function operator(pattern) -- a sign that leaves its place
    return Cp() * sign(pattern)
  end
  local minus = P "-" - "->" + "−"
  local times = P "*" - "**" + "·" + "×" + "⋅"
  -- what may have an entry, and one index: (a)(b) is more likely a product
  local after_operand = lpeg.B(S ")']") + lpeg.B "ᵀ" + lpeg.B "⊤" + lpeg.B "′" + lpeg.B "ᴴ"
  after_operand = signs and after_operand + grammar_of_signs.behind_operand(signs) or after_operand
  local index = (R("in", "ps") * P "_" ^ -1 * digit ^ 0 * boundary + digit ^ 1 * boundary) * space

  local term = signs and "term" or "product"
  local own_behind = signs and V "own_behind" or P(false)
  local leaf = (V "letter" + V "number") * space * #S ",)" -- most arguments and sizes
  local rules = {
    -- LPeg copies a pattern wherever it is, but calls a rule: these are long, and are in many places.
    identifier = identifier,
    boundary = boundary,
    keyword = keyword,
    name = reserved and V "identifier" - V "keyword" or V "identifier",

    letter = Cp() * C(any_name) * -P "(" / postfix.name,
    number = Cp() * C(number) / postfix.number,

    expression = (signs and P(false) or leaf) + as_tree(V "sum"),

    sum = V(term) * (operator "+" * V(term) * Cc(actions.add) + operator(minus) * V(term) * Cc(actions.subtract)) ^ 0,

    product = V "unary" * V "factor" ^ 0,
    factor = operator(times) * V "unary" * Cc(actions.multiply)
      + operator "/" * V "unary" * Cc(actions.divide)
      + operator(P ".*" + "⊙" + "∘") * V "unary" * Cc(actions.multiply_entries)
      + operator "./" * V "unary" * Cc(actions.divide_entries)
      + operator "⊗" * V "unary" * Cc(actions.kronecker),

    unary = operator(minus) * V "unary" * Cc(actions.negate) + sign "+" * V "unary" + V "postfix",

    postfix = V "primary" * (V "transposed" + V "raised" + V "superscript" + V "indexed" + own_behind) ^ 0,
    transposed = operator(P "'" + ".'" + "ᵀ" + "⊤" + "′") * Cc(actions.transpose)
      + operator "ᴴ" * Cc(actions.adjoint),
    raised = operator "^" * V "exponent" * Cc(actions.power)
      + operator ".^" * V "exponent" * Cc(actions.power_entries),

    -- (X*A)(i,j), A'(i,j), inv(A)(i,j): with no space before the bracket
    indexed = #P "(" * after_operand * V "looks_indexed" * operator "(" * Cc(actions.indexed) * V "indices",
    looks_indexed = #(
        P "("
        * space
        * (index * (S "+-*" * space * index) ^ 0 * ")" + (1 - S "()," + V "balanced") ^ 1 * ",")
      ),
    balanced = "(" * (1 - S "()" + V "balanced") ^ 0 * ")",

    exponent = operator(minus) * V "exponent" * Cc(actions.negate) + sign "+" * V "exponent" + V "primary",

    -- X² X⁻¹ X⁻ᵀ
    superscript = (V "positive" + V "negative") * Cc(actions.power) * space,
    positive = Cp() * P "⁺" ^ -1 * Cp() * V "raised_digits" * Cc(actions.literal),
    negative = Cp()
      * (Cp() * "⁻" * Cp())
      * (V "raised_digits" + Cc "1" * #P "ᵀ")
      * Cc(actions.literal)
      * Cc(actions.negate),
    raised_digits = C(superscript ^ 1) / characters.lower,

    primary = V "counted"
      + V "letter" * space
      + Cp() * C(any_name) * V "arguments"
      + Cp() * C(number) * "i" * boundary * space * Cc(actions.imaginary)
      + V "number" * space
      + operator "(" * V "sum" * (sign ")" + expected("close", true)) * Cc(actions.brackets)
      + V "blocks"
      + expected "operand",

    arguments = sign "(" * Cc(actions.call) * V "indices",
    indices = V "argument" * (sign "," * V "argument") ^ 0 * (sign ")" + expected("arguments", true)),
    argument = V "sum" * Cc(actions.argument),

    counted = Cp()
      * sign "sum("
      * C(any_name)
      * space
      * sign(P "=" - "==")
      * V "sum"
      * (sign ".." + expected("..", true))
      * V "sum"
      * (sign "," + expected("counted body", true))
      * V "sum"
      * (sign ")" + expected("close", true))
      * Cc(actions.counted),
  }
  blocks.add(rules, term, minus, space)
  if signs then
    grammar_of_signs.add(rules, signs, space)
  end
  return rules
end

return M
