--- Wirtinger calculus: a complex letter Z and its conjugate are independent.
--
-- While a derivative is computed, conj(Z) is a letter of its own, and both are ordinary letters: the differential rules are those of
-- real letters. Sources: Brandwood (1983), A complex gradient operator; Hjorungnes and Gesbert (2007), Complex-valued matrix
-- differentiation.
--
-- @module nabla.calculus.conjugates

local complex = require "nabla.language.complex"
local core = require "nabla.core"
local errors = require "nabla.text.errors"

local M = {}

local KIND = core.constants.kinds

-- The letter of which a node is the conjugate, or nil.
local function conjugated(session, id)
  local S = session.S
  local name, own = S:op(id)
  local op = not own and session.ops[name]
  local letter = op and op.antilinear and S:args(id)[1]
  return letter and S:op(letter) == "symbol" and letter or nil
end
M.conjugated = conjugated

--- The conjugate of a node.
function M.conjugate(session, id)
  for name, op in pairs(session.ops) do
    if op.antilinear and op.holomorphic and not op.gone then
      return session.S:apply(session.ops[name].number, { id })
    end
  end
  errors.refuse "no operator is the conjugate"
end

-- Complex letters and their conjugates, and the letters that take their places: two lists.
local function stand_ins(session, letters)
  local S, from, to = session.S, {}, {}
  for i, x in ipairs(letters) do
    local bits = complex.real_bits(session, x)
    local kind, rows, cols = KIND[S:kind(x)], S:rows(x), S:cols(x)
    from[i], to[i] = M.conjugate(session, x), S:symbol("conj " .. S:name(x), kind, bits, rows, cols)
    from[i + #letters], to[i + #letters] = x, S:symbol(S:name(x), kind, bits, rows, cols)
  end
  return from, to
end

-- An expression in which stand-ins have taken the places: of the conjugates first, which hold the letters. The conjugate of a letter
-- that is tied to it is written with the letter; other attributes wait, since the derivative is of the expression as it is.
local function replaced(session, f, from, to)
  local S, half = session.S, #from // 2
  local tied, meant = {}, {}
  for _, x in ipairs(complex.letters(session, f)) do
    if complex.tie(session, x) then
      tied[#tied + 1] = M.conjugate(session, x)
      meant[#meant + 1] = S:simplify(tied[#tied])
    end
  end
  f = S:replace(f, tied, meant)
  f = S:replace(f, { table.unpack(from, 1, half) }, { table.unpack(to, 1, half) })
  for _, node in ipairs(S:postorder(f)) do
    local name, own = S:op(node)
    if not own and session.ops[name] and session.ops[name].antilinear then
      local shown = session:text(S:replace(node, to, from))
      errors.refuse(("no rule for %s: the conjugate is not taken to its letters"):format(shown))
    end
  end
  return S:replace(f, { table.unpack(from, half + 1) }, { table.unpack(to, half + 1) })
end

--- An expression with letters of their own for the conjugates in it.
-- @tparam table session
-- @tparam integer f
-- @treturn table `f` the expression, `letters` and `stand_ins` two lists: what was replaced, and by what; nil where nothing is complex
function M.apart(session, f)
  local letters = complex.letters(session, f)
  if #letters == 0 then
    return nil
  end
  local from, to = stand_ins(session, letters)
  return { f = replaced(session, f, from, to), letters = from, stand_ins = to }
end

--- What is needed for a derivative by a complex letter or its conjugate, or of an expression that holds some.
-- @return the expression and the variable with letters of their own, and the function that takes an answer back; nil where nothing
-- is complex
function M.read(session, f, x)
  local S, letters, seen = session.S, {}, {}
  for _, letter in ipairs(complex.letters(session, x)) do
    local tie = complex.tie(session, letter)
    if tie then
      local message = "a derivative by %s, which is %s: its entries and their conjugates are not independent"
      errors.refuse(message:format(S:name(letter), tie))
    end
  end
  for _, node in ipairs { f, x } do
    for _, letter in ipairs(complex.letters(session, node)) do
      letters[#letters + 1] = not seen[letter] and letter or nil
      seen[letter] = true
    end
  end
  if #letters == 0 then
    return nil
  end
  local from, to = stand_ins(session, letters)
  return replaced(session, f, from, to),
    replaced(session, x, from, to),
    function(answer)
      return S:replace(answer, to, from)
    end
end

--- What is needed for the differential of an expression with complex letters: d(conj(Z)) is conj(d(Z)).
-- @return the expression with letters of their own, and the function that takes its differential back; or the expression
function M.for_differential(session, f)
  local S, apart = session.S, M.apart(session, f)
  if not apart then
    return f
  end
  local constant = session.attributes.constant
  for _, x in ipairs(complex.letters(session, f)) do
    local tie = complex.tie(session, x)
    if tie and not (constant and S:property("constant", x)) then
      errors.refuse(("a differential by %s, which is %s: declare it constant"):format(S:name(x), tie))
    end
  end
  return apart.f,
    function(change)
      local from, to = {}, {}
      for i, stand_in in ipairs(apart.stand_ins) do
        local letter = apart.letters[i]
        local bare = conjugated(session, letter)
        from[i] = S:diffnode(stand_in)
        to[i] = bare and M.conjugate(session, S:diffnode(bare)) or S:diffnode(letter)
      end
      return S:replace(S:replace(change, from, to), apart.stand_ins, apart.letters)
    end
end

--- A note where an expression that is differentiated by a complex letter is not holomorphic in it.
function M.note(session, f, x)
  local S = session.S
  local letter = complex.letters(session, x)[1]
  local conjugate = letter and M.conjugate(session, letter)
  for _, node in ipairs(conjugate and S:postorder(x) or {}) do
    conjugate = node ~= conjugate and conjugate or nil
  end
  for _, node in ipairs(conjugate and S:postorder(S:simplify(f)) or {}) do
    if node == conjugate then
      local name = S:name(letter)
      local text = "the expression is not holomorphic in %s: this is the derivative by %s while conj(%s) is held fixed"
      return text:format(name, session:text(x), name)
    end
  end
end

return M
