--- Expectations: what is wrong to ask of an operator with the property `expectation`, a mean over the letters that are declared
-- random.
--
-- @module nabla.language.expectations

local later = require "nabla.text.later"
local scopes = require "nabla.language.scope"

local trees = later.require "nabla.language.tree"

local M = {}

local RANDOM = "random" -- the attribute of the letters that a mean is over
M.RANDOM = RANDOM

local function is_random(session, id)
  local attribute = session.attributes[RANDOM]
  return attribute ~= nil and session.S:attributes(id) & attribute.bits ~= 0
end

--- Is a letter of a tree, or the argument of a function, declared random?
-- @tparam table session
-- @tparam table scope
-- @tparam table ast
-- @treturn boolean
function M.holds_random(session, scope, ast)
  for _, leaf in ipairs(trees.leaves(ast)) do
    local var = scopes.lookup(scope, leaf.name)
    local id = var and (var.id or var.arg_id)
    if id and M.bits(session, id) ~= 0 or var and var.arg_id and is_random(session, var.arg_id) then
      return true
    end
  end
  return false
end

--- Stop where nothing inside an expectation is random: a forgotten declaration would make it its argument, without a word.
-- @tparam table c a context
-- @tparam table ast the call
function M.need_random(c, ast)
  if M.holds_random(c.session, c.scope, ast) then
    return
  end
  local leaf = trees.leaves(ast.args[1])[1]
  c:stop(
    ast,
    "nothing in this expectation is declared random",
    string.format("declare what it is over, such as vector %s(n) random", leaf and leaf.name or "x")
  )
end

--- The bits of the attribute that makes a letter random, where one in a node is: what stands for the node is random, too.
-- @tparam table session
-- @tparam integer id
-- @treturn integer
function M.bits(session, id)
  local attribute = session.attributes[RANDOM]
  local found = 0
  for _, part in ipairs(attribute and session.S:postorder(id) or {}) do
    found = found | session.S:attributes(part) & attribute.bits
  end
  return found
end

local function holds_mean(session, f)
  for _, id in ipairs(session.S:postorder(f)) do
    local name, builtin = session.S:op(id)
    if not builtin and session.ops[name] and session.ops[name].expectation then
      return true
    end
  end
  return false
end

-- The random letter in an expectation of f of which x is said to be the mean, or to be in another value: how that expectation depends
-- on x is not known. Nil where there is none.
local function depends_on(session, f, x)
  local S, list = session.S, session.known_values or {}
  local letters = {}
  for _, known in ipairs(list) do
    for _, letter in ipairs(S:below(known.to, "symbol")) do
      letters[known.letter] = letters[known.letter] or letter == x
    end
  end
  for _, id in ipairs(next(letters) and S:postorder(f) or {}) do
    local name, builtin = S:op(id)
    if not builtin and session.ops[name] and session.ops[name].expectation then
      for _, letter in ipairs(S:below(id, "symbol")) do
        if letters[S:name(letter)] then
          return S:name(letter), id
        end
      end
    end
  end
end

--- An error for a derivative by a random letter of what holds an expectation over it: the mean is no function of the letter. And for one
-- by what the mean of a letter is said to be, of another mean of that letter.
-- @tparam table session
-- @tparam integer f the node that is differentiated
-- @tparam integer x the variable
function M.need_constant(session, f, x)
  local S = session.S
  if S:op(x) == "symbol" and is_random(session, x) and holds_mean(session, f) then
    local message = "a derivative by %s of an expectation over it: the mean is no function of %s"
    error({ status = "rule", message = message:format(S:name(x), S:name(x)) }, 0)
  end
  local letter, mean = depends_on(session, f, x)
  if letter then
    local message = "how %s depends on %s is not known: %s is said of the distribution of %s"
    error({ status = "rule", message = message:format(session:text(mean), S:name(x), S:name(x), letter) }, 0)
  end
end

return M
