--- The language of expressions and of declarations: text in, trees out.
--
-- Nothing is resolved here: a tree says what was written, and `pos` in every node says where. Most texts are plain, and the
-- engine reads them at once (src/read/). The others are read to the same trees by nabla.language.grammar, which is loaded for
-- them.
--
-- @module nabla.language.syntax

local core = require "nabla.core"
local errors = require "nabla.text.errors"
local later = require "nabla.text.later"
local own_signs = require "nabla.language.own_signs"

local characters = later.require "nabla.language.characters"
local grammar = later.require "nabla.language.grammar"
local trees = later.require "nabla.language.tree"

local M = {}

local plain = core.plain

--- A tree as a text: nabla.language.tree.
function M.dump(tree)
  return trees.dump(tree)
end

--- Tells whether a text is one name.
---@param text string
---@return boolean
function M.is_name(text)
  return type(text) == "string" and (text:find "^[%a_][%w_]*$" ~= nil or characters.is_name(text))
end

---@class nabla.Ast
---@field tag string number, name, call, entry, sum, product, neg, transpose, power, sumover; in conditions also not, compare
---@field pos integer where its text begins, with its brackets
---@field paren boolean|nil true when it was in brackets of its own

---@class nabla.Declaration
---@field kind string scalar, vector, matrix, number, constant, variable, operator
---@field name string
---@field rows nabla.Ast|nil
---@field cols nabla.Ast|nil
---@field of string|nil the argument of an unknown function
---@field ofpos integer|nil
---@field attributes table[] a list of {name=, pos=}
---@field pos integer where the declaration begins: its kind, or its name when the kind is inherited
---@field namepos integer

-- The functions that look for the signs of a table that may be in plain texts (nabla.language.own_signs).
local signs_in_plain = setmetatable({}, { __mode = "k" })

--- Reads a plain expression, which is without the signs of rule files.
---@param text string
---@param signs table|nil those of rule files
---@return nabla.Ast|nil tree nil: the text is not plain
function M.plain(text, signs)
  local has_sign = signs and signs_in_plain[signs]
  if signs and not has_sign then
    has_sign = plain.finder(own_signs.in_plain_texts(signs))
    signs_in_plain[signs] = has_sign
  end
  return not (has_sign and has_sign(text)) and plain.expression(text) or nil
end

-- `read_plain`: reads a text that is plain, without the signs.
local function parse(whole, text, opts, read_plain)
  if type(text) ~= "string" then
    error(("text expected, got %s"):format(type(text)), 3)
  end
  local tree = read_plain(text, opts and opts.signs)
  if tree then
    return tree
  end
  local file = opts and opts.file
  local err = errors.check_utf8(text, file)
  if err then
    return nil, err
  end
  return grammar.match(whole, opts, { text = text, file = file, start = 1, whole = whole })
end

--- Reads an expression.
---@param text string
---@param opts table|nil file: the name that errors carry; signs: those of rule files (nabla.language.own_signs)
---@return nabla.Ast|nil tree
---@return nabla.Error|nil err
function M.expression(text, opts)
    return parse("expression", text, opts, M.plain)
end

--- Reads declarations: `scalar a, matrix A(m,n) symmetric; vector u(m) of x`.
---@param text string
---@param opts table|nil file: the name that errors carry
---@return nabla.Declaration[]|nil list
---@return nabla.Error|nil err
function M.declarations(text, opts)
  return parse("declaration", text, opts, plain.declarations)
end

return M
