--- Repairs of the claim of a question (nabla.identify.question), found by numbers: a factor, a missing term, coefficients of its
-- terms.
--
-- @module nabla.identify.repairs

local Question = require "nabla.identify.question"
local errors = require "nabla.text.errors"
local by_numbers = require "nabla.compare.derivative_by_numbers"

local M = {}

-- A fraction with a small denominator that a number is; nil if there is none.
local function fraction(x)
  for below = 1, 12 do
    local above = x * below
    local whole = math.floor(above + 0.5)
    if math.abs(above - whole) < 1e-6 * below and math.abs(whole) <= 240 then
      return whole, below
    end
  end
end

local function fraction_node(S, above, below)
  return S:product { S:rational(above), S:power(S:rational(below), S:rational(-1)) }
end

local function fraction_text(above, below)
  return below == 1 and tostring(above) or above .. "/" .. below
end

-- What number times B is A at every entry? nil if none is.
local function ratio(A, B)
  local size, product = 0, 0
  if A.rows ~= B.rows or A.cols ~= B.cols then
    return nil
  end
  for k = 1, A.rows * A.cols do
    size, product = size + B[k] * B[k], product + A[k] * B[k]
  end
  if size < 1e-20 then
    return nil
  end
  local r = product / size
  for k = 1, A.rows * A.cols do
    if math.abs(A[k] - r * B[k]) > Question.DIFFERENCES * math.max(1, math.abs(A[k])) then
      return nil
    end
  end
  return r
end

-- The scalars that may be missing as a factor: those in the expression, its derivative and the claim, and the sizes.
local function scalars(question, ids)
  local S, list, seen = question.session.S, {}, {}
  for _, root in ipairs(ids) do
    for _, node in ipairs(S:postorder(root)) do
      local own, op = seen[node] == nil, S:op(node)
      seen[node] = true
      if own and S:rows(node) == 1 and S:cols(node) == 1 and op ~= "number" and op ~= "hole" then
        list[#list + 1] = node
      end
    end
  end
  table.sort(list, function(a, b)
    local x, y = S:cost(a), S:cost(b)
    return x < y or x == y and a < b
  end)
  return list
end

-- A scalar, as a power and with a number before it, that has the values r at the draws.
local function as_scalar(question, r, ids, draws)
  local S = question.session.S
  for _, node in ipairs(scalars(question, ids)) do
    local ok, F = errors.attempt_in_budget(question.compiled, question, node)
    local v = {}
    for draw, at in ipairs(ok and draws or {}) do
      local good, value = errors.attempt_in_budget(F, at.values)
      v[draw] = good and value and value[1] or nil
    end
    for _, power in ipairs(#v == #draws and { 1, -1, 2, -2 } or {}) do
      local above, below = fraction(r[1] / v[1] ^ power)
      local fits = above and above ~= 0
      for draw = 2, #v do
        fits = fits and math.abs(r[draw] / v[draw] ^ power - above / below) < 1e-6
      end
      if fits then
        return S:product { fraction_node(S, above, below), S:power(node, S:rational(power)) }
      end
    end
  end
end

-- The coefficients with which vectors make up another one: least squares; nil if they do not.
local function combination(terms, target)
  local n, count = #terms, #target
  local rows = {}
  for i = 1, n do
    rows[i] = {}
    for j = 1, n + 1 do
      local sum, right = 0, j <= n and terms[j] or target
      for k = 1, count do
        sum = sum + terms[i][k] * right[k]
      end
      rows[i][j] = sum
    end
  end
  for i = 1, n do
    local pivot = i
    for k = i + 1, n do
      pivot = math.abs(rows[k][i]) > math.abs(rows[pivot][i]) and k or pivot
    end
    rows[i], rows[pivot] = rows[pivot], rows[i]
    if math.abs(rows[i][i]) < 1e-10 then
      return nil
    end
    for k = 1, n do
      local factor = k ~= i and rows[k][i] / rows[i][i] or 0
      for j = i, n + 1 do
        rows[k][j] = rows[k][j] - factor * rows[i][j]
      end
    end
  end
  local c = {}
  for i = 1, n do
    c[i] = rows[i][n + 1] / rows[i][i]
  end
  for k = 1, count do
    local sum = 0
    for i = 1, n do
      sum = sum + c[i] * terms[i][k]
    end
    if math.abs(sum - target[k]) > Question.DIFFERENCES * math.max(1, math.abs(target[k])) then
      return nil
    end
  end
  return c
end

-- The claim against the terms of the derivative: which is missing, which has another factor?
local function term_by_term(question, answer, claim, draws)
  local S, session = question.session.S, question.session
  local expanded = question:pin(S:expand(by_numbers.id(answer)))
  if S:op(expanded) ~= "sum" then
    return nil
  end
  local nodes, pairs_of = {}, S:args(expanded) -- a sum holds its terms behind their coefficients
  for i = 1, #pairs_of, 2 do
    nodes[#nodes + 1] = question:pin(S:product { pairs_of[i], pairs_of[i + 1] })
  end
  if #nodes > 6 then
    return nil
  end
  local function values(id, out)
    local F = question:compiled(question:engine_form(id))
    for _, at in ipairs(draws) do
      local v = F(at.values)
      for k = 1, v.rows * v.cols do
        out[#out + 1] = v[k]
      end
    end
    return out
  end
  local vectors = {}
  for i, id in ipairs(nodes) do
    vectors[i] = values(id, {})
  end
  local c = combination(vectors, values(claim, {}))
  local words = {}
  for i, id in ipairs(c and nodes or {}) do
    local above, below = fraction(c[i])
    local shown = session:text(id)
    if not above then
      return nil
    elseif above == 0 then
      words[#words + 1] = "the term " .. shown .. " is missing"
    elseif above ~= below then
      words[#words + 1] = ("the term %s once, not %s times"):format(shown, fraction_text(above, below))
    end
  end
  return #words > 0 and #words <= 2 and table.concat(words, ", and ") or nil
end

-- A missing factor or term, found from the values of the claim and the derivative. How many were found.
function M.by_numbers(question, result)
  local session, S = question.session, question.session.S
  local assumptions, convention, found, seen = question:assuming(), question.session.convention, 0, {}
  for _, layout in ipairs(question.layouts) do
    local truth = question:truth(layout, convention, assumptions)
    local answer = truth and truth.exact and question:answer(layout, convention)
    local own, shown
    if answer then
      own, shown = question:node(question.claim, layout, truth.id)
    end
    local alike = own and S:rows(own) == S:rows(truth.id) and S:cols(own) == S:cols(truth.id)
    if alike then
      local r, F = {}, question:compiled(own)
      local ok = errors.attempt_in_budget(function()
        for draw, at in ipairs(assumptions.draws) do
          r[draw] = ratio(truth.exact[draw], F(at.values))
        end
      end)
      local change, node
      if ok and #r == #assumptions.draws then
        local above, below = fraction(r[1])
        local constant = above
        for draw = 2, #r do
          constant = constant and math.abs(r[draw] - r[1]) < 1e-6
        end
        local factor = constant and fraction_node(S, above, below)
          or as_scalar(question, r, { question.shown_f, by_numbers.id(answer), shown }, assumptions.draws)
        if factor then
          question:pin(factor)
          change = "a factor " .. session:text(factor)
          node = session:wrap(S:textbook(S:product { factor, shown }, question.shown_f))
        end
      end
      if not change then
        local good, words = errors.attempt_in_budget(term_by_term, question, answer, shown, assumptions.draws)
        change, node = good and words or nil, answer
      end
      local key = change and change .. "\0" .. layout
      if key and not seen[key] then
        seen[key] = true
        result.nearest[#result.nearest + 1] = { layout = layout, change = change, answer = node }
        found = found + 1
      end
    end
  end
  return found
end

return M
