--- The grammar of declarations: `matrix A(m,n) symmetric, vector u(m) of x`.
--
-- @module nabla.language.declarations

local characters = require "nabla.language.characters"
local lpeg = require "lpeg"
local mistakes = require "nabla.language.mistakes"
local spelling = require "nabla.text.spelling"

local P, V = lpeg.P, lpeg.V
local C, Cc, Cg, Cp, Ct, Carg = lpeg.C, lpeg.Cc, lpeg.Cg, lpeg.Cp, lpeg.Ct, lpeg.Carg
local letter, expected, sizes_of_kind = characters.letter, mistakes.expected, mistakes.sizes_of_kind

local M = {}

-- A value behind a word, as in `covariance (2*S)`.
local function place_and_expression(pos, expression)
  return { pos = pos, name = "(..)", expression = expression }
end

local function place_and_name(pos, name)
  return { pos = pos, name = name }
end

-- What the grammar has found, by its parts; what is not there is false.
local function declaration_of(pos, before, kind, namepos, name, sizes, earlier, ofpos, of, ofs, attributes, indices)
  if earlier then -- attributes before `of`
    attributes = table.move(attributes, 1, #attributes, #earlier + 1, earlier)
  end
  return {
    pos = pos,
    before = before or nil,
    kind = kind or nil,
    namepos = namepos,
    name = name,
    sizes = sizes or nil,
    ofpos = ofpos or nil,
    of = of or nil,
    ofs = ofs or nil,
    attributes = attributes,
    indices = indices or nil,
    rows = nil,
    cols = nil,
    bare = nil,
  }
end

-- One declaration: its kind taken from the one before where it has none, its sizes named.
local function declare(context, decl, kind, kind_before)
  local sizes = decl.sizes or {}
  decl.sizes = nil
  local count = sizes_of_kind[kind]
  decl.bare = not (decl.kind or decl.of or decl.ofs) and #sizes == 0 and #decl.attributes == 0 or nil
  if not decl.kind and not kind_before then
    local meant = spelling.nearest(decl.name, sizes_of_kind)
    mistakes.stop(
      context,
      decl.pos,
      ("expected scalar, vector or matrix, found %s"):format(mistakes.quote(decl.name)),
      meant and ("did you mean %s?"):format(meant) or ("did you mean matrix %s?"):format(decl.name)
    )
  elseif #sizes > 0 and count and #sizes ~= count then
    local place = (sizes[count + 1] or sizes[1]).pos
    if count == 0 then
      mistakes.stop(
        context,
        place,
        ("a %s has no sizes"):format(kind),
        kind == "scalar"
            and ("did you mean an unknown function: scalar %s of %s?"):format(decl.name, #sizes > 1 and "(x, y)" or "x")
          or nil
      )
    elseif count == 1 then
      mistakes.stop(
        context,
        place,
        ("a vector has one size, found %d"):format(#sizes),
        #sizes == 2 and ("did you mean matrix %s?"):format(decl.name) or nil
      )
    else
      mistakes.stop(
        context,
        place,
        ("a matrix has two sizes, found %d"):format(#sizes),
        #sizes == 1 and ("did you mean vector %s?"):format(decl.name) or nil
      )
    end
  elseif #sizes > 2 then
    mistakes.stop(context, sizes[3].pos, ("a %s has at most two sizes, found %d"):format(kind, #sizes))
  end
  decl.kind, decl.rows, decl.cols = kind, sizes[1], sizes[2]
  return decl
end

local function declare_all(context, list)
  local kind, before
  for i = 1, #list do
    local decl = list[i]
    if decl.kind then
      before = decl.before
    end
    declare(context, decl, decl.kind or kind, kind)
    kind = decl.kind
    if before then
      table.move(decl.attributes, 1, #decl.attributes, #before + 1)
      table.move(before, 1, #before, 1, decl.attributes)
    end
  end
  return list
end

--- The pattern of a list of declarations, for a grammar that holds the rules of expressions.
---@param space any the space between tokens
---@param within any the space inside one declaration (in an identity, a declaration ends with its line)
function M.list(space, within)
  local kind_word = P(false)
  for kind in pairs(sizes_of_kind) do
    kind_word = kind_word + kind
  end
  kind_word = kind_word * V "boundary"
  local any_name = V "name" - kind_word - P "of" * V "boundary"
  local none = Cc(false)

  local sizes = "("
    * space
    * Ct(V "expression" * ("," * space * V "expression") ^ 0)
    * (")" * within + expected("sizes", true))
  local argument = Cp() * C(any_name) / place_and_name * space
  local arguments = "("
    * space
    * none -- no single one
    * Ct(argument * ("," * space * argument) ^ 0)
    * (")" * within + expected("sizes", true))
  local of = "of" * V "boundary" * space * Cp() * (C(any_name) * within * none + arguments + expected "of")
  local shape_word = P "scalar" + "vector" + "matrix" -- `constant` may be an attribute, `matrix` not
  shape_word = (any_name * space) ^ -1 * shape_word * V "boundary"
  local for_word = P "for" * V "boundary"
  local word = C(V "name" - shape_word - for_word) + C "0" * V "boundary" -- `mean 0`
  local of_word = P "of" * V "boundary"
  local bracket = Cp() * "(" * space * V "expression" * (")" * within + expected("close", true)) / place_and_expression
  local attribute = -of_word * Cp() * word / place_and_name * -P "(" * within * bracket ^ -1
  -- the indices of a family: for i = 1..N, k = 1..K
  local one_index = Ct(
    Cg(Cp(), "pos")
      * Cg(any_name, "name")
      * space
      * (P "=" * space + expected "=")
      * Cg(V "expression", "lo")
      * (P ".." * space + expected("..", true))
      * Cg(V "expression", "hi")
  )
  local more_indices = "," * space * #(any_name * space * "=") * one_index
  local indices = for_word * space * Ct((one_index + expected "index") * more_indices ^ 0)
  local before = Ct(Cp() * C(any_name) / place_and_name * space * #kind_word)
  local kind = C(kind_word) * space * #(any_name + expected "name")
  local declaration = Cp()
    * (none * kind + before * kind + none * none)
    * Cp()
    * (C(any_name) * within + expected "declaration")
    * (sizes + none)
    * (Ct(attribute ^ 1 * #of_word) + none)
    * (of + none * none * none)
    * Ct(attribute ^ 0)
    * (indices + none)
    / declaration_of
  local list = declaration * ("," * space * declaration + ";" * space * (#letter * declaration) ^ -1) ^ 0
  return Carg(1) * Ct(list) / declare_all
end

return M
