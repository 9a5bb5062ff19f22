--- Wirtinger calculus: a complex letter Z and its conjugate are independent.
--
-- While a derivative is computed, conj(Z) is a letter of its own, and both are ordinary letters: the differential rules are those of
-- real letters. Sources: Brandwood (1983), A complex gradient operator; Hjorungnes and Gesbert (2007), Complex-valued matrix
-- differentiation.
--
-- @module nabla.calculus.conjugates

local complex = require "nabla.language.complex"
local conventions = require "nabla.calculus.convention"
local core = require "nabla.core"
local errors = require "nabla.text.errors"

local M = {}

local KIND = core.constants.kinds
local ONE = core.constants.one -- the dimension 1

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

-- The conjugates of letters that are tied to them, and what they are, written with the letter.
local function ties(session, nodes)
  local S, from, to = session.S, {}, {}
  for _, node in ipairs(nodes) do
    for _, x in ipairs(complex.letters(session, node)) do
      if complex.tie(session, x) then
        from[#from + 1] = M.conjugate(session, x)
        to[#to + 1] = S:simplify(from[#from])
      end
    end
  end
  return from, to
end

-- The value of an operator that is not known to be analytic is real, since it is applied to real arguments only (complex.check).
local function without_real_values(session, f)
  local S, from, to = session.S, {}, {}
  for _, node in ipairs(S:postorder(f)) do
    local name, own = S:op(node)
    local op = not own and session.ops[name]
    local inner = op and op.antilinear and S:args(node)[1]
    local inner_name, inner_own = S:op(inner or node)
    if inner and complex.has_real_values(session, inner_name, inner_own) then
      local real = #S:args(inner) > 0
      for _, arg in ipairs(S:args(inner)) do
        real = real and session:is_own_conjugate(arg)
      end
      if real then
        from[#from + 1], to[#to + 1] = node, inner
      end
    end
  end
  return #from > 0 and S:replace(f, from, to) or f
end

-- An expression in which stand-ins have taken the places: of the conjugates first, which hold the letters. The conjugate of a letter
-- that is tied to it is written with the letter; other attributes wait, since the derivative is of the expression as it is.
local function replaced(session, f, from, to)
  local S, half = session.S, #from // 2
  f = without_real_values(session, f)
  f = S:replace(f, ties(session, { f }))
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

-- The complex letters of some nodes, each once.
local function letters_of(session, nodes)
  local letters, seen = {}, {}
  for _, node in ipairs(nodes) do
    for _, letter in ipairs(complex.letters(session, node)) do
      letters[#letters + 1] = not seen[letter] and letter or nil
      seen[letter] = true
    end
  end
  return letters
end

-- The letter that a variable is, or is the conjugate of; an entry's matrix, a member's family.
local function letter_of(session, x)
  local S = session.S
  local op = S:op(x)
  x = (op == S:operator_with "entry" or op == S:operator_with "member") and S:args(x)[1] or x
  return S:op(x) == "symbol" and complex.is_letter(session, x) and x or nil, conjugated(session, x)
end

-- By conj(S) of a letter that is tied to its conjugate: S written with a letter for conj(S). Nil where nothing says how.
local function by_tied_conjugate(session, f, letter)
  local S = session.S
  local conjugate = M.conjugate(session, letter)
  local tied = S:simplify(conjugate) -- S', -S'
  local own = S:transpose(letter)
  local sign = tied == own and 1 or tied == S:neg(own) and -1 or nil
  if not sign then
    return nil
  end
  local bits = complex.real_bits(session, letter)
  local y = S:symbol("conj " .. S:name(letter), KIND[S:kind(letter)], bits, S:rows(letter), S:cols(letter))
  local turned = sign > 0 and S:transpose(y) or S:neg(S:transpose(y))
  f = S:replace(f, { conjugate }, { tied })
  return S:replace(f, { letter }, { turned }), y, conjugate
end

-- Stop at a variable that has no derivative.
local function need_free(session, letter)
  local tie = letter and complex.tie(session, letter)
  if tie and not by_tied_conjugate(session, letter, letter) then
    local message = "a derivative by %s, which is %s: its entries and their conjugates are not independent"
    errors.refuse(message:format(session.S:name(letter), tie))
  end
end

--- Expressions with letters of their own for the conjugates in them.
-- @tparam table session
-- @param f a node, or a list of nodes
-- @tparam[opt] boolean variables the nodes after the first are variables, of which none is the conjugate of a letter that is tied to it
-- @treturn table `f` the expression or the list, `letters` and `stand_ins` two lists: what was replaced, and by what; `back`, a function
-- that takes a node back; nil where nothing is complex
function M.apart(session, f, variables)
  local nodes = type(f) == "table" and f or { f }
  for i = variables and 2 or #nodes + 1, #nodes do
    local letter, under = letter_of(session, nodes[i])
    need_free(session, letter or under)
    if under and complex.tie(session, under) then
      local message = "%s is %s: take the derivative by the letter itself, and the other derivative from its tie"
      errors.refuse(message:format(session:text(nodes[i]), complex.tie(session, under)))
    end
  end
  local letters = letters_of(session, nodes)
  if #letters == 0 then
    return nil
  end
  local from, to = stand_ins(session, letters)
  local list = {}
  for i, node in ipairs(nodes) do
    list[i] = replaced(session, node, from, to)
  end
  local function back(node)
    return session.S:replace(node, to, from)
  end
  return { f = type(f) == "table" and list or list[1], letters = from, stand_ins = to, back = back }
end

--- The conjugates of expressions in which letters have letters of their own for their conjugates: a function of a node.
-- @tparam table session
-- @tparam table apart what M.apart gave
function M.between(session, apart)
  local S, half = session.S, #apart.letters // 2
  local first = { { table.unpack(apart.letters, 1, half) }, { table.unpack(apart.stand_ins, 1, half) } }
  local second = { { table.unpack(apart.letters, half + 1) }, { table.unpack(apart.stand_ins, half + 1) } }
  return function(node)
    local conjugate = without_real_values(session, M.conjugate(session, apart.back(node)))
    conjugate = S:replace(conjugate, ties(session, { conjugate }))
    return S:replace(S:replace(conjugate, first[1], first[2]), second[1], second[2])
  end
end

-- What a node with some nodes inside it replaced is written as, where that is another node.
local function written(session, node, inside)
  local S, name, own = session.S, session.S:op(node)
  local op = not own and session.ops[name]
  local base, unitary = S:args(node)[1], session.attributes.unitary
  if op and op.conjugate_pair then -- a number and its conjugate, of which only the number is written
    base = inside(base)
    return S:apply(op.number, { base, M.conjugate(session, base) })
  elseif unitary and own and name == "power" then -- U^-1 is written U^H
    local symbol = S:op(base) == "transpose" and S:args(base)[1] or base
    if S:op(symbol) == "symbol" and S:property("unitary", symbol) and node == S:inv(base) then
      return S:transpose(M.conjugate(session, base))
    end
  end
  return node
end

--- An answer as a reader of its text has it: facts about letters that are tied to their conjugates do not show.
-- @tparam table session
-- @tparam integer id
-- @treturn integer
function M.as_read(session, id)
  local S, from, to = session.S, {}, {}
  local function inside(node)
    return #from > 0 and S:replace(node, from, to) or node
  end
  for _, node in ipairs(S:postorder(id)) do
    local new = written(session, node, inside)
    if new ~= node then
      from[#from + 1], to[#to + 1] = node, new
    end
  end
  return inside(id)
end

-- The row of a convention by which a derivative by a complex letter is a gradient; nil for none.
local function gradient_row(session, f, letter, convention)
  local S = session.S
  local row = letter and convention and conventions.row_for(session, convention, letter)
  if not row then
    return nil
  elseif convention.only_complex and (S:rows(f) ~= ONE or S:cols(f) ~= ONE or not session:is_own_conjugate(f)) then
    local message = "the convention %s is about real functions, and %s is not known to be its own conjugate"
    errors.refuse(message:format(convention.name, session:text(f)))
  end
  return row
end

--- What is needed for a derivative by a complex letter or its conjugate, or of an expression that holds some.
-- @tparam table session
-- @tparam integer f
-- @tparam integer x the variable
-- @tparam[opt] table convention by which x is understood
-- @return the expression and the variable with letters of their own, the function that takes an answer back, and the convention by
-- which the derivative of that expression is meant; nil where nothing is complex
function M.read(session, f, x, convention)
  local S, back = session.S, nil
  local letter, under = letter_of(session, x)
  need_free(session, letter or under)
  local row = gradient_row(session, f, letter, convention)
  if under and complex.tie(session, under) then
    local y, conjugate
    f, y, conjugate = by_tied_conjugate(session, f, under)
    x = S:replace(x, { conjugate }, { y })
    function back(answer)
      return S:replace(answer, { y }, { conjugate })
    end
  elseif row and row.conjugate then
    x = S:replace(x, { letter }, { M.conjugate(session, letter) })
  end
  convention = row and { name = convention.name, rows = {}, row = row } or convention
  local apart = M.apart(session, { f, x })
  if not apart then
    return back and f, x, back, convention
  end
  return apart.f[1],
    apart.f[2],
    function(answer)
      answer = apart.back(answer)
      return back and back(answer) or answer
    end,
    convention
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
