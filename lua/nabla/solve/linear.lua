--- Equations that are linear in the unknown, solved by their linear graph.
--
-- The difference of the sides is L(x) + c. For a scalar or a column, L is a matrix: the Jacobian. For a matrix, the terms of
-- L (nabla.solve.terms) are gathered: a common factor gives L*X*R = C; scalars that are linear in X, as tr(A*X)*B, are
-- solved for first; other sums are matched by `isolate` statements, and at last written in vec form.
--
-- All functions work on ids. A solution is { value =, needs = (nabla.solve.conditions), free = (symbols that may take any
-- value, or nil), consistent = true if the equation has a solution for some right sides only }.
--
-- @module nabla.solve.linear

local conditions = require "nabla.solve.conditions"
local core = require "nabla.core"
local derivative = require "nabla.calculus.derivative"
local factors = require "nabla.algebra.factors"
local layouts = require "nabla.calculus.layout"
local terms = require "nabla.solve.terms"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds

local is, is_scalar = factors.is, factors.is_scalar

-- ---------------------------------------------------------------------------------------------- one-sided inverses

--- The names that occur in nodes, or are declared: a set.
function M.names_in(session, nodes)
  local S, taken = session.S, {}
  for name in pairs(session.scope.vars) do
    taken[name] = true
  end
  for _, id in ipairs(nodes) do
    for _, x in ipairs(S:postorder(id)) do
      if S:op(x) == "symbol" then
        taken[S:name(x)] = true
      end
    end
  end
  return taken
end

--- A new symbol whose name is not taken: by the nodes, by declarations, by the equations (`session.taken_names`).
local function fresh(session, name, nodes, rows, cols, attributes)
  local S = session.S
  local taken, others = M.names_in(session, nodes), session.taken_names or {}
  local base, n = name, 0
  while taken[name] or others[name] do
    n = n + 1
    name = base .. n
  end
  local kind = rows == ONE and cols == ONE and "scalar" or cols == ONE and "vector" or "matrix"
  return S:symbol(name, KIND[kind], attributes or 0, rows, cols)
end

M.fresh = fresh

--- The scalar that a node is a multiple of the identity by; 1 x 1 is one of itself. nil for other nodes.
local function multiple_of_identity(S, id)
  if is(S, id, "sum") and not is_scalar(S, id) then
    local numbers, list = factors.terms(S, id)
    for i, term in ipairs(list) do
      local c = multiple_of_identity(S, term)
      if not c then
        return nil
      end
      list[i] = S:product { numbers[i], c }
    end
    return S:sum(list)
  end
  local parts = factors.of(S, id)
  if #parts.chain == 1 and is(S, parts.chain[1], "I") then
    parts.chain = {}
  end
  return (#parts.chain == 0 or is_scalar(S, id)) and factors.product(S, parts) or nil
end
M.multiple_of_identity = multiple_of_identity

-- The two factors of a matrix of rank one, a column and a row, as u and v' of A*u*v'; nil for another matrix.
local function column_and_row(S, id)
  local parts = factors.of(S, id)
  for i = 1, #parts.chain - 1 do
    if S:cols(parts.chain[i]) == ONE then
      local row = S:product(table.move(parts.chain, i + 1, #parts.chain, 1, {}))
      parts.chain = table.move(parts.chain, 1, i, 1, {})
      return factors.product(S, parts), row
    end
  end
end

-- The arguments of a call of which the rules take the pseudo-inverse argument by argument, as that of a Kronecker product; nil for
-- another node.
local function factorwise(session, id)
  local S = session.S
  local op, own = S:op(id)
  local args = not own and S:args(id) or {}
  local letters, inverses = {}, {}
  for i, a in ipairs(args) do
    if S:rows(a) == 0 then -- a size
      return nil
    end
    letters[i] = S:symbol(" factor" .. i, KIND.matrix, 0, S:rows(a), S:cols(a))
    inverses[i] = S:apply("pinv", { letters[i] })
  end
  if #args < 2 then
    return nil
  end
  local done, whole = pcall(S.apply, S, op, inverses)
  local same = done and S:simplify(S:apply("pinv", { S:apply(op, letters) })) == whole
  return same and args or nil
end

local inverse

-- The pseudo-inverse of a column times a row.
local function inverse_of_rank_one(session, column, row, needs)
  local S = session.S
  local left, right = inverse(session, column, needs), inverse(session, row, needs)
  return { id = S:product { right.id, left.id }, injective = false, onto = false }
end

-- The inverse of one factor on its side: { id, injective =, onto = } and what it needs.
function inverse(session, id, needs)
  local S = session.S
  if S:rows(id) == S:cols(id) and conditions.may_be_invertible(session, id) then
    local c = multiple_of_identity(S, id)
    conditions.add_invertible(session, needs, c or id)
    local back = c and S:product { S:power(c, S:rational(-1)), S:identity(S:rows(id)) } or S:inv(id)
    return { id = back, injective = true, onto = true }
  end
  if S:cols(id) == ONE then -- a column: u'*u is its squared length
    local length = S:product { S:transpose(id), id }
    conditions.add_invertible(session, needs, length)
    return { id = S:div(S:transpose(id), length), injective = true, onto = false }
  elseif S:rows(id) == ONE then
    local length = S:product { id, S:transpose(id) }
    conditions.add_invertible(session, needs, length)
    return { id = S:div(S:transpose(id), length), injective = false, onto = true }
  end
  local args = factorwise(session, id)
  if args then
    local both = { injective = true, onto = true }
    for i, a in ipairs(args) do
      local part = inverse(session, a, needs)
      args[i] = part.id
      both.injective, both.onto = both.injective and part.injective, both.onto and part.onto
    end
    both.id = S:apply(S:op(id), args)
    return both
  end
  local column, row = column_and_row(S, id)
  if column then
    return inverse_of_rank_one(session, column, row, needs)
  end
  return {
    id = S:apply("pinv", { id }),
    injective = S:property("fullcolumnrank", id),
    onto = S:property("fullcolumnrank", S:transpose(id)),
  }
end

--- X in L*X*R = C. Where L and R are not invertible: the general solution, with a free matrix.
-- @treturn table the solution
function M.two_sided(session, L, R, C, avoid)
  local S, needs = session.S, {}
  local left, right = inverse(session, L, needs), inverse(session, S:transpose(R), needs)
  right.id = S:transpose(right.id)
  local value = S:product { left.id, C, right.id }
  local solution = { needs = needs }
  for _, factor in ipairs { R, L } do
    if S:rows(factor) ~= S:cols(factor) then
      solution.not_square = { S:cols(factor), S:rows(factor) }
    end
  end
  if not (left.injective and right.injective) then
    local W = fresh(session, S:cols(value) == ONE and "w" or "W", { L, R, C, avoid or C }, S:rows(value), S:cols(value))
    solution.free = { W }
    solution.particular = value
    if right.injective then
      local projection = S:sum { S:identity(S:cols(L)), S:neg(S:product { left.id, L }) }
      solution.homogeneous = S:product { projection, W }
    elseif left.injective then
      local projection = S:sum { S:identity(S:rows(R)), S:neg(S:product { R, right.id }) }
      solution.homogeneous = S:product { W, projection }
    else
      solution.homogeneous = S:sum { W, S:neg(S:product { left.id, L, W, R, right.id }) }
    end
    value = S:sum { value, solution.homogeneous }
  end
  if not (left.onto and right.onto) then
    local image = S:product { L, left.id, C, right.id, R }
    if not session:same(image, C) then
      solution.consistent = true
      conditions.add(session, needs, "equal", S:textbook(image), C)
    end
  end
  solution.value = value
  return solution
end

-- ---------------------------------------------------------------------------------------------- columns and scalars

-- The line of the derivation in which the terms of the unknown are gathered, without a common number.
local function gathered(S, solution, left, right)
  local c = factors.of(S, left).coefficient
  if c ~= S:rational(1) then
    left, right = S:div(left, c), S:div(right, c)
  end
  solution.lines = { { left = left, right = S:textbook(right), reason = { word = "gathered" } } }
  return solution
end

-- The attributes of an unknown whose matrices make a subspace, such as the symmetric ones.
local function structure(session, x)
  local S, bits = session.S, 0
  for name, shape in pairs(session.domains) do
    if shape == "subspace" and S:property(name, x) then
      bits = bits | session.attributes[name].bits
    end
  end
  return bits
end

M.structure = structure

-- The gradient of a scalar by a variable with a structure, projected on that.
local function projected(session, f, x)
  local layout = layouts.named(session, "denominator")
  local how = { layout = layout, convention = session.conventions.projected, plain = true }
  return derivative.derivative(session, f, x, how)
end

-- One scalar equation for all entries of x: <G, x> = c has the solution c*G/<G,G>, and what is orthogonal to G is free.
-- Of an unknown with a structure, as a symmetric one, G is projected on it.
local function solve_scalar_equation(session, dE, tangent, c, x)
  local S, needs = session.S, {}
  local bits = structure(session, x)
  local G = bits == 0 and S:pull(dE, tangent, S:rational(1)) or projected(session, S:replace(dE, { tangent }, { x }), x)
  G = S:textbook(G)
  local trace = S:operator_with "cyclic"
  local function inner(X)
    local product = S:product { S:transpose(G), X }
    return is_scalar(S, product) and product or S:apply(trace, { product })
  end
  local length = inner(G)
  conditions.add_invertible(session, needs, length)
  local W = fresh(session, S:cols(x) == ONE and "w" or "W", { dE, c, x }, S:rows(x), S:cols(x), bits)
  local particular = S:product { S:div(c, length), G }
  local homogeneous = S:textbook(S:sum { W, S:neg(S:product { S:div(inner(W), length), G }) })
  return {
    value = S:sum { particular, homogeneous },
    particular = particular,
    homogeneous = homogeneous,
    needs = needs,
    free = { W },
  }
end

-- The coefficient that divides a scalar unknown, or the matrix in front of a column.
local function solve_column(session, dE, tangent, rest, x)
  local S = session.S
  if is_scalar(S, x) and not is_scalar(S, rest) then
    return nil, "the unknown is a scalar, and the equation has more entries"
  elseif is_scalar(S, x) then
    local needs = {}
    conditions.add_invertible(session, needs, dE)
    return { value = S:div(S:neg(rest), dE), needs = needs }
  end
  if S:rows(rest) == ONE and S:cols(rest) ~= ONE then
    dE, rest = S:transpose(dE), S:transpose(rest)
  end
  if S:cols(rest) ~= ONE then
    return nil
  elseif is_scalar(S, rest) then
    return solve_scalar_equation(session, dE, tangent, S:neg(rest), x)
  end
  local J = S:jacobian(dE, tangent)
  local diagonal = S:rows(J) == S:cols(J) and S:property("diagonal", J) and not multiple_of_identity(S, J)
    and S:textbook(S:expand(S:product { J, S:ones(S:cols(J), ONE) }))
  if diagonal and S:cost(diagonal) <= S:cost(J) then
    local needs = {}
    conditions.add(session, needs, "nonzero", diagonal)
    return { value = S:hadamard { S:neg(rest), S:elpower(diagonal, S:rational(-1)) }, needs = needs }
  end
  local common = S:textbook(J) -- (1 + lambda)*Q
  for _, f in ipairs(is(S, J, "sum") and factors.of(S, common).scalars or {}) do
    J = is(S, f[1], "sum") and common or J
  end
  local solution = M.two_sided(session, J, S:rational(1), S:neg(rest), x)
  return gathered(S, solution, S:product { J, x }, S:neg(rest))
end

-- ---------------------------------------------------------------------------------------------- matrices

-- The number in front of all terms of a node; of a multiple of the identity the scalar.
local function coefficient(S, id)
  local c = not is_scalar(S, id) and multiple_of_identity(S, id)
  if c then
    return c
  end
  local marked = S:args(S:product { id, S:symbol("?", KIND.scalar, 0, ONE, ONE) })
  return marked[1] and is(S, marked[1], "number") and marked[1] or S:rational(1) -- 1 leaves no product
end

M.coefficient = coefficient

-- The terms that did not cancel.
local function without_zeros(S, list)
  local kept = {}
  for _, term in ipairs(list) do
    local zero = false
    for _, side in ipairs { term.left, term.right } do
      zero = zero or is(S, side, "zeros") or side == S:rational(0)
    end
    kept[#kept + 1] = not zero and term or nil
  end
  return kept
end

-- Put together the terms that have one of their sides in common, up to a number.
local function gather(S, list)
  local changed = true
  while changed do
    changed = false
    for _, sides in ipairs { { "right", "left" }, { "left", "right" } } do
      local same, other = sides[1], sides[2]
      local by, result = {}, {}
      for _, term in ipairs(list) do
        local c = coefficient(S, term[same])
        local key = c == S:rational(1) and term[same] or S:expand(factors.ratio(S, term[same], c))
        key = multiple_of_identity(S, key) and not is_scalar(S, key) and S:identity(S:rows(key)) or key
        local moved = S:product { c, term[other] }
        local found = by[key]
        if found then
          found[other] = S:sum { found[other], moved }
          changed = true
        else
          by[key] = { [same] = key, [other] = moved }
          result[#result + 1] = by[key]
        end
      end
      list = without_zeros(S, result)
    end
  end
  return list
end

-- Move the scalars of both sides to the left one.
local function normalise(S, term)
  local parts = factors.of(S, term.right)
  local scalar = factors.product(S, { coefficient = parts.coefficient, scalars = parts.scalars, chain = {} })
  if scalar ~= S:rational(1) and #parts.chain > 0 then
    local back = S:power(scalar, S:rational(-1))
    return { kind = term.kind, left = S:product { scalar, term.left }, right = S:product { back, term.right } }
  end
  return term
end

local function sorted(S, list, x)
  local by = { plain = {}, transposed = {}, functional = {}, entries = {}, turned = {} }
  for _, term in ipairs(list) do
    local kind = term.kind
    if kind == "plain" or kind == "transposed" then
      term = normalise(S, term)
      if kind == "transposed" and S:property("symmetric", x) then
        kind = "plain"
      elseif kind == "transposed" and S:property("skew", x) then
        kind, term = "plain", { left = S:neg(term.left), right = term.right }
      end
    end
    table.insert(by[kind], term)
  end
  return by
end

local isolate_sum -- session, groups, C, x: by an `isolate` statement (given by nabla.solve.isolate)
function M.on_sums(f)
  isolate_sum = f
end

-- The sum of multiples of the identity on both sides, as coefficients of each entry, and of the factors of entries; nil where a term
-- is no such multiple.
local function coefficients(S, list, entries, x)
  local sums = {}
  for i, term in ipairs(entries) do
    sums[i] = term.factor
  end
  for _, term in ipairs(list) do
    local a, b = multiple_of_identity(S, term.left), multiple_of_identity(S, term.right)
    if not (a and b) then
      return nil
    end
    sums[#sums + 1] = S:product { a, b, S:ones(S:rows(x), S:cols(x)) }
  end
  return #sums > 0 and S:sum(sums) or S:zeros(S:rows(x), S:cols(x))
end

-- W.*X + V.*X' = C, entry by entry.
local function solve_entries(session, by, plain, transposed, C, x)
  local S, needs = session.S, {}
  local W = coefficients(S, plain, by.entries, x)
  local V = W and coefficients(S, transposed, by.turned, x)
  if not V then
    return nil
  elseif #transposed + #by.turned == 0 then
    conditions.add(session, needs, "nonzero", W)
    return { value = S:hadamard { C, S:elpower(W, S:rational(-1)) }, needs = needs }
  elseif #plain + #by.entries == 0 then
    conditions.add(session, needs, "nonzero", V)
    return { value = S:transpose(S:hadamard { C, S:elpower(V, S:rational(-1)) }), needs = needs }
  end
  local divisor = S:sum { S:hadamard { W, S:transpose(W) }, S:neg(S:hadamard { V, S:transpose(V) }) }
  if S:textbook(divisor) == S:zeros(S:rows(x), S:cols(x)) then
    return nil
  end
  conditions.add(session, needs, "nonzero", S:textbook(divisor))
  local top = S:sum { S:hadamard { S:transpose(W), C }, S:neg(S:hadamard { V, S:transpose(C) }) }
  return { value = S:hadamard { top, S:elpower(divisor, S:rational(-1)) }, needs = needs }
end

-- Solve sum of plain and transposed terms = C; nil where that has no closed form but vec.
local function solve_sum(session, by, C, x)
  local S = session.S
  local plain, transposed = gather(S, by.plain), gather(S, by.transposed)
  if #by.entries + #by.turned + #plain + #transposed == 0 then
    return nil, ("%s cancels"):format(S:name(x))
  end
  if #by.entries + #by.turned > 0 then
    return solve_entries(session, by, plain, transposed, C, x)
  elseif #transposed == 0 and #plain > 1 then
    local left, right, rest = terms.common_factors(S, plain)
    if left then
      local needs = {}
      conditions.add_invertible(session, needs, left)
      conditions.add_invertible(session, needs, right)
      local inner = { plain = rest, transposed = {}, entries = {}, turned = {} }
      local solution, why = solve_sum(session, inner, S:product { S:inv(left), C, S:inv(right) }, x)
      if solution then
        solution.needs = table.move(solution.needs, 1, #solution.needs, #needs + 1, needs)
      end
      return solution, why
    end
  end
  if #transposed == 0 and #plain == 1 then
    local solution = M.two_sided(session, plain[1].left, plain[1].right, C, x)
    return gathered(S, solution, S:product { plain[1].left, x, plain[1].right }, C)
  elseif #plain == 0 and #transposed == 1 then
    local term = transposed[1]
    local solution = M.two_sided(session, S:transpose(term.right), S:transpose(term.left), S:transpose(C), x)
    return gathered(S, solution, S:product { term.left, S:transpose(x), term.right }, C)
  elseif #plain == 1 and #transposed == 1 then
    local found, reason = isolate_sum(session, plain, transposed, C, x)
    if found or reason then
      return found, reason
    end
    local a, b = multiple_of_identity(S, plain[1].left), multiple_of_identity(S, plain[1].right)
    local c, d = multiple_of_identity(S, transposed[1].left), multiple_of_identity(S, transposed[1].right)
    if a and b and c and d then -- a*X + c*X' = C
      a, c = S:product { a, b }, S:product { c, d }
      local needs = {}
      local divisor = S:sum { S:product { a, a }, S:neg(S:product { c, c }) }
      conditions.add_invertible(session, needs, divisor)
      local top = S:sum { S:product { a, C }, S:neg(S:product { c, S:transpose(C) }) }
      return { value = S:div(top, divisor), needs = needs }
    end
  end
  return isolate_sum(session, plain, transposed, C, x)
end

-- The part of C that the linear graph maps onto C: with it kron(A, X) = kron(A, B) has the solution B.
local function preimage(S, dE, tangent, C)
  local target = S:expand(C)
  local number = factors.of(S, C).coefficient
  for _, id in ipairs(S:postorder(C)) do
    if S:rows(id) == S:rows(tangent) and S:cols(id) == S:cols(tangent) then
      for _, candidate in ipairs { id, S:neg(id), S:product { number, id } } do
        if S:expand(S:replace(dE, { tangent }, { candidate })) == target then
          return candidate
        end
      end
    end
  end
end

-- More equations than unknown entries: X in vec form by the left inverse of J, under the condition that there is a solution.
local function solve_tall(session, dE, tangent, C, x, J, blind)
  local S = session.S
  local gram = S:textbook(S:product { S:transpose(J), J })
  if not conditions.may_be_invertible(session, gram) then
    return nil, "the equation has another number of entries than the unknown"
  end
  local needs = {}
  conditions.add_invertible(session, needs, multiple_of_identity(S, gram) or gram)
  local value = is(S, C, "zeros") and S:zeros(S:rows(x), S:cols(x))
    or not blind and preimage(S, dE, tangent, C)
  if value then
    return { value = value, needs = needs }
  end
  local c = multiple_of_identity(S, gram)
  local right = S:product { S:transpose(J), S:apply("vec", { C }) }
  local column = c and S:div(right, c) or S:product { S:inv(gram), right }
  if S:cols(x) ~= ONE then
    column = S:apply("unvec", { column, S:dimnode(S:rows(x)), S:dimnode(S:cols(x)) })
  end
  local image = S:replace(dE, { tangent }, { column })
  conditions.add(session, needs, "equal", S:textbook(image), C)
  return { value = column, needs = needs, vec = true, consistent = true }
end

-- X in vec form: unvec(inv(J)*vec(C)).
local function solve_vec(session, dE, tangent, C, x, blind)
  local S = session.S
  local J = S:jacobian(dE, tangent)
  if S:rows(J) ~= S:cols(J) then
    return solve_tall(session, dE, tangent, C, x, J, blind)
  end
  if not conditions.may_be_invertible(session, J) then
    return nil, ("the equation determines only a part of %s"):format(S:name(x))
  end
  local needs = {}
  conditions.add_invertible(session, needs, J)
  local column = S:product { S:inv(J), S:apply("vec", { C }) }
  if S:cols(x) == ONE then
    return { value = column, needs = needs }
  end
  local m, n = S:dimnode(S:rows(x)), S:dimnode(S:cols(x))
  return { value = S:apply("unvec", { column, m, n }), needs = needs, vec = true }
end

-- Scalars phi_k that are linear in X: X = M(C) - sum_k t_k*M(U_k), and t_k = phi_k(X).
local function solve_functionals(session, by, C, x, tangent)
  local S = session.S
  local list = {}
  for _, term in ipairs(by.functional) do
    local found
    for _, f in ipairs(list) do
      if f.functional == term.functional then
        f.factor, found = S:sum { f.factor, term.factor }, true
      end
    end
    if not found then
      list[#list + 1] = { functional = term.functional, factor = term.factor }
    end
  end
  local base, needs = nil, {}
  local function without(right)
    local solution, why = solve_sum(session, by, right, x)
    if not solution or solution.free or solution.consistent then
      return nil, why
    end
    base = base or solution
    return solution.value
  end
  local value = without(C)
  if not value then
    return nil
  end
  table.move(base.needs, 1, #base.needs, 1, needs)
  -- one scalar after the other: `value` and the directions of those that are left
  local directions = {}
  for i, f in ipairs(list) do
    directions[i] = without(f.factor)
  end
  for i, f in ipairs(list) do
    local function phi(node)
      return S:replace(f.functional, { tangent }, { node })
    end
    local divisor = S:sum { S:rational(1), phi(directions[i]) }
    if S:simplify(S:expand(divisor)) == S:rational(0) then
      return nil -- this scalar cannot be eliminated first; the vec form says whether the equation is singular
    end
    conditions.add_invertible(session, needs, S:textbook(divisor))
    local direction = directions[i]
    local function project(node)
      return S:sum { node, S:neg(S:product { S:div(phi(node), divisor), direction }) }
    end
    value = project(value)
    for k = i + 1, #list do
      directions[k] = project(directions[k])
    end
  end
  return { value = value, needs = needs }
end

-- The sizes of a factor outside of all terms L*X*R that is not square, or nil: in a text they may be one size.
local function outer_sizes(S, list)
  for _, term in ipairs(#list > 1 and list or {}) do
    for _, side in ipairs(term.left and { "left", "right" } or {}) do
      local chain = factors.of(S, term[side]).chain
      local link = chain[side == "left" and 1 or #chain]
      if link and S:rows(link) ~= S:cols(link) then
        return { S:cols(link), S:rows(link) }
      end
    end
  end
end

local function solve_matrix(session, dE, tangent, rest, x, blind)
  local S = session.S
  local C = S:neg(rest)
  if is_scalar(S, rest) then
    return solve_scalar_equation(session, dE, tangent, C, x)
  end
  local list = terms.of(S, dE, tangent)
  local solution, why
  if list then
    local by = sorted(S, list, x)
    if #by.functional > 0 then
      if #list == #by.functional then
        why = ("%s enters only through scalars: the equation has no solution, or many"):format(S:name(x))
      else
        solution = solve_functionals(session, by, C, x, tangent)
      end
    else
      solution, why = solve_sum(session, by, C, x)
    end
  end
  if solution or why then
    return solution, why
  end
  solution, why = solve_vec(session, dE, tangent, C, x, blind)
  if solution and solution.consistent then
    solution.not_square = outer_sizes(S, list or {})
  end
  return solution, why
end

-- ---------------------------------------------------------------------------------------------- the equation

--- The linear graph of a difference of sides: its differential in a tangent, and what is left where x is zero.
-- @treturn integer|nil the differential; nil: the difference is not linear in x
-- @return the tangent (1 for a scalar), or why it is not linear
-- @return the rest
function M.graph(session, E, x)
  local S = session.S
  local scalar = is_scalar(S, x)
  local zero = S:zeros(S:rows(x), S:cols(x))
  local tangent = scalar and S:rational(1) or S:hole(S:name(x), S:rows(x), S:cols(x))
  local done, dE = pcall(S.forward, S, E, x, tangent)
  if not done then
    return nil, type(dE) == "table" and dE.message or tostring(dE)
  end
  local holds = factors.holder(S, x)
  dE = S:expand(dE)
  dE = holds(dE) and S:expand(S:simplify(dE)) or dE
  if holds(dE) then
    return nil, ("the equation is not linear in %s"):format(S:name(x))
  end
  local there, rest = pcall(S.replace, S, E, { x }, { zero })
  if not there then
    return nil, ("the equation is not defined where %s is zero"):format(S:name(x))
  end
  return dE, tangent, rest
end

--- Solve E = 0 for x, where E is linear in x.
-- @tparam table session
-- @tparam integer E
-- @tparam integer x a symbol
-- @tparam[opt] boolean blind do not look into the right side for what the left side makes of a part of it
-- @treturn table|nil the solution; or nil
-- @treturn string why not
-- @treturn boolean is the equation linear in x?
function M.solve(session, E, x, blind)
  local S = session.S
  local dE, tangent, rest = M.graph(session, E, x)
  if not dE then
    return nil, tangent, false
  end
  if is(S, dE, "zeros") or dE == S:rational(0) then
    local left = factors.holder(S, x)(S:simplify(E)) -- as in sign(x) = a
    local why = left and "the derivative by %s is zero where there is one, and no way of isolating fits" or "%s cancels"
    return nil, why:format(S:name(x)), true
  end
  local solution, why
  if S:cols(x) == ONE or S:rows(x) == ONE and is_scalar(S, x) then
    solution, why = solve_column(session, dE, tangent, rest, x)
  end
  if not solution and not why then
    solution, why = solve_matrix(session, dE, tangent, rest, x, blind)
  end
  return solution, why, true
end

return M
