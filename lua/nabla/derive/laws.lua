--- The laws of algebra that lead from one writing of a node to another: transpose of a product, distributive law, and the like.
--
-- The engine keeps one node for both, and no rule says what lies between them. So both trees are written out as sums of products of
-- atoms, by some of the laws; what is needed for the two to be the same text are the laws between them.
--
-- Invariant: a tree is written out by the laws that are switched on, and no others, except that brackets of sums in sums and of
-- products in products are dropped, and numbers multiplied.
--
-- @module nabla.derive.laws

local format = require "nabla.print.format"

local M = {}

-- The laws, in the order in which a line names them. Of several sets that would do, later laws are avoided first.
local LAWS = {
  "transpose_product",
  "transpose_sum",
  "scalars",
  "distributive",
  "cyclic",
  "trace_transpose",
  "turned",
  "linearity",
  "identity",
  "functions",
  "powers",
  "terms",
  "order",
}

local MOST_TERMS, MOST_NAMES = 60, 3

local Writer = {}
Writer.__index = Writer

-- A product under way: its number, and its factors { text, rows, cols, base, exponent }; `base` and `exponent` of a scalar power.
local function term(coefficient, factors)
  return { coefficient = coefficient, factors = factors }
end

local function times(self, a, b)
  local factors = table.move(a.factors, 1, #a.factors, 1, {})
  table.move(b.factors, 1, #b.factors, #factors + 1, factors)
  return term(self.S:product { a.coefficient, b.coefficient }, factors)
end

-- The text of a number.
local function number_text(self, id)
  local above, below = self.S:number(id)
  return below and below ~= "1" and above .. "/" .. below or above
end

-- The number of a text.
local function number_of(self, text)
  local sign, above, below = text:match "^(%-?)([^/]*)/?(.*)$"
  local number = self.S:rational(above)
  number = below ~= "" and self.S:div(number, self.S:rational(below)) or number
  return sign ~= "" and self.S:neg(number) or number
end

local function is_scalar(factor)
  return factor.rows == "1" and factor.cols == "1"
end

-- An atom: a subtree as one factor.
local function atom(self, tree, text)
  local S, id = self.S, self.W:of(tree)
  local rows = S:rows(id)
  local identity = rows == S:cols(id) and id == S:identity(rows)
  return {
    text = text,
    id = id,
    rows = S:dimtext(rows),
    cols = S:dimtext(S:cols(id)),
    identity = identity,
    generator = text,
  }
end

local function with_prime(text)
  return text:match "^(.*)'$" or text .. "'"
end

local function turned_factor(factor)
  if is_scalar(factor) then
    return factor
  end
  local base = factor.base and with_prime(factor.base)
  return {
    text = base or with_prime(factor.text),
    base = base,
    exponent = factor.exponent,
    rows = factor.cols,
    cols = factor.rows,
    identity = factor.identity,
    generator = factor.generator and with_prime(factor.generator),
  }
end

local function texts(factors)
  local list = {}
  for i, factor in ipairs(factors) do
    list[i] = factor.exponent and factor.exponent ~= "1" and factor.base .. "^" .. factor.exponent or factor.text
  end
  return list
end

-- Factors from the last to the first, each transposed.
local function reversed(factors)
  local list = {}
  for i = #factors, 1, -1 do
    list[#list + 1] = turned_factor(factors[i])
  end
  return list
end

local function chain_text(factors)
  return table.concat(texts(factors), "*")
end

-- Stretches of matrices that are 1 x 1 as one factor each.
local function with_stretches(self, factors)
  local out, run = {}, {}
  for _, factor in ipairs(factors) do
    if is_scalar(factor) then
      out[#out + 1] = factor
    else
      run[#run + 1] = factor
      if #run > 1 and run[1].rows == "1" and factor.cols == "1" then
        local text = chain_text(run)
        local other = self.on.turned and chain_text(reversed(run)) or text
        out[#out + 1] = { text = other < text and other or text, rows = "1", cols = "1" }
        run = {}
      end
    end
  end
  return table.move(run, 1, #run, #out + 1, out)
end

-- Equal scalar factors as one power.
local function with_powers(self, scalars)
  local S, at, list = self.S, {}, {}
  for _, factor in ipairs(scalars) do
    local base, exponent = factor.base or factor.text, number_of(self, factor.exponent or "1")
    local known = at[base]
    if known then
      known.id = S:sum { known.id, exponent }
    else
      at[base] = { base = base, id = exponent }
      list[#list + 1] = at[base]
    end
  end
  local out = {}
  for _, power in ipairs(list) do
    if power.id ~= S:rational(0) then
      local exponent = number_text(self, power.id)
      out[#out + 1] = { text = power.base, base = power.base, exponent = exponent, rows = "1", cols = "1" }
    end
  end
  return out
end

-- Is the next factor in the chain a function of the same matrix, so that the two commute?
local function commutes(a, b)
  return a.generator and a.generator == b.generator
end

-- A chain with its identities left out, functions of one matrix in order, equal neighbours as one power: as far as the laws say.
local function chain_of(self, factors)
  local S, list, matrices = self.S, {}, 0
  for _, factor in ipairs(factors) do
    matrices = matrices + (is_scalar(factor) and 0 or 1)
  end
  for _, factor in ipairs(factors) do
    if self.on.identity and factor.identity and matrices > 1 then
      matrices = matrices - 1
    else
      local at = #list + 1
      while self.on.functions and at > 1 and commutes(list[at - 1], factor) and factor.text < list[at - 1].text do
        at = at - 1
      end
      table.insert(list, at, factor)
    end
  end
  local out = {}
  for _, factor in ipairs(self.on.powers and list or {}) do
    local last = out[#out]
    local base = factor.base or factor.text
    if last and (last.base or last.text) == base and last.rows == last.cols then
      local sum = S:sum { number_of(self, last.exponent or "1"), number_of(self, factor.exponent or "1") }
      local exponent = number_text(self, sum)
      out[#out] = { text = base, base = base, exponent = exponent, rows = factor.rows, cols = factor.cols }
      out[#out] = sum ~= S:rational(0) and out[#out] or nil
    else
      out[#out + 1] = factor
    end
  end
  return self.on.powers and out or list
end

-- The text of a product.
local function term_text(self, t)
  local factors = chain_of(self, t.factors)
  if self.on.scalars or self.on.turned then
    factors = with_stretches(self, factors)
  end
  local scalars, chain = {}, {}
  for _, factor in ipairs(factors) do
    local list = is_scalar(factor) and scalars or chain
    list[#list + 1] = factor
  end
  if self.on.powers then
    scalars = with_powers(self, scalars)
  end
  if not (self.on.scalars or self.on.powers) then
    return chain_text(factors)
  end
  local list = texts(scalars)
  if self.on.scalars then
    table.sort(list)
  end
  return table.concat(table.move(texts(chain), 1, #chain, #list + 1, list), "*")
end

-- The text of a sum of products, with their numbers.
local function sum_text(self, terms)
  local S, list, at = self.S, {}, {}
  for _, t in ipairs(terms) do
    local text = term_text(self, t)
    local known = self.on.terms and at[text]
    if known then
      known.id = S:sum { known.id, t.coefficient }
    else
      at[text] = { id = t.coefficient, text = text }
      list[#list + 1] = at[text]
    end
  end
  local out = {}
  for _, item in ipairs(list) do
    if item.id ~= S:rational(0) then
      out[#out + 1] = number_text(self, item.id) .. "*" .. item.text
    end
  end
  if self.on.order then
    table.sort(out)
  end
  return table.concat(out, " + ")
end

local terms_of

-- The text of a subtree by itself.
local function text_of(self, tree)
  return sum_text(self, terms_of(self, tree))
end

local write = {}

function write.number(self, tree)
  return { term(self.S:rational(tree.text), {}) }
end

function write.neg(self, tree)
  local terms = {}
  for i, t in ipairs(terms_of(self, tree[1])) do
    terms[i] = term(self.S:neg(t.coefficient), t.factors)
  end
  return terms
end

function write.sum(self, tree)
  local terms = {}
  for i = 1, #tree do
    for _, t in ipairs(terms_of(self, tree[i])) do
      terms[#terms + 1] = term(tree.signs[i] < 0 and self.S:neg(t.coefficient) or t.coefficient, t.factors)
    end
  end
  return terms
end

-- The terms of a factor: those of a sum, or the sum as one atom.
local function terms_of_factor(self, tree)
  local terms = terms_of(self, tree)
  if #terms == 1 or self.on.distributive then
    return terms
  end
  return { term(self.S:rational(1), { atom(self, tree, "(" .. sum_text(self, terms) .. ")") }) }
end

function write.product(self, tree)
  local product = { term(self.S:rational(1), {}) }
  for i = 1, #tree do
    local longer = {}
    for _, a in ipairs(product) do
      for _, b in ipairs(terms_of_factor(self, tree[i])) do
        longer[#longer + 1] = times(self, a, b)
        self:count()
      end
    end
    product = longer
  end
  return product
end

-- The inverse of a scalar, as factors.
local function inverse(self, tree)
  local terms = terms_of(self, tree)
  if #terms > 1 then
    local text = "(" .. sum_text(self, terms) .. ")"
    return term(self.S:rational(1), { { text = text, base = text, exponent = "-1", rows = "1", cols = "1" } })
  end
  local factors = {}
  for i, factor in ipairs(with_stretches(self, terms[1].factors)) do
    local exponent = self.S:neg(number_of(self, factor.exponent or "1"))
    local base = factor.base or factor.text
    factors[i] = { text = base, base = base, exponent = number_text(self, exponent), rows = "1", cols = "1" }
  end
  return term(self.S:power(terms[1].coefficient, self.S:rational(-1)), factors)
end

function write.quotient(self, tree)
  local below, terms = inverse(self, tree[2]), {}
  for i, t in ipairs(terms_of_factor(self, tree[1])) do
    terms[i] = times(self, t, below)
  end
  return terms
end

-- The text of what has an exponent.
local function base_text(self, tree)
  local terms = terms_of(self, tree)
  if #terms == 1 and terms[1].coefficient == self.S:rational(1) then
    return term_text(self, terms[1])
  end
  return "(" .. sum_text(self, terms) .. ")"
end

-- A scalar to a power, as a factor.
local function scalar_power(self, base_tree, exponent)
  local base = base_text(self, base_tree)
  return { term(self.S:rational(1), { { text = base, base = base, exponent = exponent, rows = "1", cols = "1" } }) }
end

-- A matrix to a power, as a factor.
local function matrix_power(self, tree, base_tree, exponent)
  local power = atom(self, tree, base_text(self, base_tree))
  power.base, power.exponent = power.text, exponent
  return { term(self.S:rational(1), { power }) }
end

function write.power(self, tree)
  local S, id = self.S, self.W:of(tree[2])
  local exponent = S:op(id) == "number" and number_text(self, id)
  if not exponent then
    return nil
  end
  return self.W:scalar(tree) and scalar_power(self, tree[1], exponent) or matrix_power(self, tree, tree[1], exponent)
end

-- An entrywise product of parts, each a text, with a number in front: no ones by the distributive law, equal parts as one power.
local function entrywise(self, tree, coefficient, parts)
  local S, at, list = self.S, {}, {}
  for _, part in ipairs(parts) do
    local known = self.on.powers and at[part.base]
    if known then
      known.exponent = S:sum { known.exponent, part.exponent }
    elseif not (self.on.distributive and part.ones and #parts > 1) then
      list[#list + 1] = { base = part.base, exponent = part.exponent }
      at[part.base] = list[#list]
    end
  end
  local factors = {}
  for i, part in ipairs(list) do
    factors[i] = part.exponent == S:rational(1) and part.base or part.base .. ".^" .. number_text(self, part.exponent)
  end
  if self.on.order then
    table.sort(factors)
  end
  local text = table.concat(factors, ".*")
  return term(coefficient, { atom(self, tree, #factors > 1 and "(" .. text .. ")" or text) })
end

-- The parts of an entrywise product: lists of alternatives, one for each term of a sum.
local function alternatives(self, tree)
  local S, exponent, base = self.S, self.S:rational(1), tree
  if tree.tag == "elpower" and S:op(self.W:of(tree[2])) == "number" then
    exponent, base = self.W:of(tree[2]), tree[1]
  end
  local terms = terms_of(self, base)
  if exponent ~= S:rational(1) or #terms > 1 and not self.on.distributive then
    local text = sum_text(self, terms):gsub("^1%*", "")
    return { { coefficient = S:rational(1), base = text, exponent = exponent } }
  end
  local list = {}
  for i, t in ipairs(terms) do
    local id = self.W:of(base)
    local text = term_text(self, t)
    local ones = S:ones(S:rows(id), S:cols(id))
    list[i] = { coefficient = t.coefficient, base = text, exponent = exponent }
    list[i].ones = #t.factors == 1 and t.factors[1].id == ones
  end
  return list
end

function write.hadamard(self, tree)
  local products = { { coefficient = self.S:rational(1), parts = {} } }
  for i = 1, #tree do
    local longer = {}
    for _, product in ipairs(products) do
      for _, other in ipairs(alternatives(self, tree[i])) do
        self:count()
        local parts = table.move(product.parts, 1, #product.parts, 1, {})
        parts[#parts + 1] = other
        local coefficient = self.S:product { product.coefficient, other.coefficient }
        longer[#longer + 1] = { coefficient = coefficient, parts = parts }
      end
    end
    products = longer
  end
  local terms = {}
  for i, product in ipairs(products) do
    terms[i] = entrywise(self, tree, product.coefficient, product.parts)
  end
  return terms
end

write.elpower = function(self, tree)
  return { entrywise(self, tree, self.S:rational(1), alternatives(self, tree)) }
end

function write.transpose(self, tree)
  local terms = terms_of(self, tree[1])
  if #terms > 1 and not self.on.transpose_sum then
    return nil
  end
  local out = {}
  for i, t in ipairs(terms) do
    if #t.factors > 1 and not self.on.transpose_product then
      return nil
    end
    out[i] = term(t.coefficient, reversed(t.factors))
  end
  return out
end

-- The smallest of the texts of a cyclic product.
local function first_rotation(self, factors)
  local best
  for _, list in ipairs { factors, self.on.trace_transpose and reversed(factors) or nil } do
    for shift = 0, self.on.cyclic and #list - 1 or 0 do
      local rotated = table.move(list, shift + 1, #list, 1, {})
      table.move(list, 1, shift, #rotated + 1, rotated)
      local text = chain_text(rotated)
      best = best and best < text and best or text
    end
  end
  return best
end

-- A function of a matrix: it commutes with that matrix, and with what is a multiple of it.
local function function_of_matrix(self, tree)
  local terms = terms_of(self, tree[1])
  local text = ("%s(%s)"):format(tree.name, sum_text(self, terms))
  local factor = atom(self, tree, text)
  local matrices = {}
  for _, part in ipairs(#terms == 1 and terms[1].factors or {}) do
    if not is_scalar(part) then
      matrices[#matrices + 1] = part
    end
  end
  factor.generator = #matrices == 1 and matrices[1].generator or nil
  return { term(self.S:rational(1), { factor }) }
end

-- The exponent of which a call is a power of its argument: of a root, of an inverse.
local function exponent_of(self, tree, id)
  local S, base = self.S, self.W:of(tree[1])
  if S:rows(id) ~= S:rows(base) or S:cols(id) ~= S:cols(base) or S:rows(base) ~= S:cols(base) then
    return nil
  end
  for _, exponent in ipairs { "-1", "1/2" } do
    if S:power(base, number_of(self, exponent)) == id then
      return exponent
    end
  end
end

function write.call(self, tree)
  local id = self.W:of(tree)
  local exponent = not tree.fn and #tree == 1 and exponent_of(self, tree, id)
  if exponent then
    return is_scalar(atom(self, tree, "")) and scalar_power(self, tree[1], exponent)
      or matrix_power(self, tree, tree[1], exponent)
  end
  local op = not tree.fn and self.W.session.ops[tree.name]
  if op and op.matrixfunction then
    return function_of_matrix(self, tree)
  elseif not (op and op.linear and #tree == 1) then
    return nil
  end
  local out = {}
  local inner = terms_of(self, tree[1])
  if #inner > 1 and not self.on.linearity then
    return nil
  end
  for i, t in ipairs(inner) do
    local factors, scalars = t.factors, {}
    local coefficient = t.coefficient
    if self.on.linearity then
      local rest = {}
      for _, factor in ipairs(with_stretches(self, factors)) do
        local list = is_scalar(factor) and scalars or rest
        list[#list + 1] = factor
      end
      factors = rest
    elseif coefficient ~= self.S:rational(1) then
      return nil
    end
    factors = chain_of(self, factors)
    local text = op.cyclic and first_rotation(self, factors) or chain_text(factors)
    scalars[#scalars + 1] = atom(self, tree, ("%s(%s)"):format(tree.name, text))
    out[i] = term(coefficient, scalars)
  end
  return out
end

-- Any other tree: an atom, its parts written out.
local function whole(self, tree)
  if #tree == 0 or self.W:is_opaque(tree) then
    return format.text(tree)
  end
  local parts = {}
  for i = 1, #tree do
    local part = tree[i]
    parts[i] = (part.tag == "operator" or part.tag == "dimension" or tree.tag == "counted") and format.text(part)
      or text_of(self, part)
  end
  if tree.tag == "transpose" then
    return with_prime("(" .. parts[1] .. ")")
  end
  local name = tree.name or tree.base and tree.base.text or ""
  return ("%s %s[%s]"):format(tree.tag, name, table.concat(parts, "; "))
end

function terms_of(self, tree)
  self:count()
  local terms = write[tree.tag] and not self.W:is_opaque(tree) and write[tree.tag](self, tree)
  return terms or { term(self.S:rational(1), { atom(self, tree, whole(self, tree)) }) }
end

-- Stop where the work grows too large.
function Writer:count()
  self.steps = self.steps + 1
  if self.steps > 100 * MOST_TERMS then
    error({ status = "laws" }, 0)
  end
end

-- A tree, written out by some laws; nil where that is too long.
local function written(W, tree, on)
  local self = setmetatable({ W = W, S = W.S, on = on, steps = 0 }, Writer)
  local ok, text = pcall(text_of, self, tree)
  if not ok and type(text) == "table" and text.status == "laws" then
    return nil
  elseif not ok then
    error(text, 0)
  end
  return text
end

-- Laws that nobody writes a line for.
local BOOKKEEPING = { law_scalars = true, law_linearity = true, law_order = true, law_identity = true }

--- Would a line by these laws only move scalars and terms about?
-- @tparam {string,...} list as `between` gives it
function M.is_bookkeeping(list)
  for _, law in ipairs(list) do
    if not BOOKKEEPING[law] then
      return false
    end
  end
  return true
end

--- The laws between two writings of one node: names of wordings; nil where they are not known, or too many.
-- @param W the values of the trees (nabla.derive.values)
-- @param before a tree
-- @param after a tree
function M.between(W, before, after)
  local on = {}
  for _, law in ipairs(LAWS) do
    on[law] = true
  end
  local function same()
    local text = written(W, before, on)
    return text and text == written(W, after, on)
  end
  if not same() then
    return nil
  end
  local needed, told = {}, {}
  for i = #LAWS, 1, -1 do
    on[LAWS[i]] = nil
    if not same() then
      on[LAWS[i]] = true
      table.insert(needed, 1, "law_" .. LAWS[i])
    end
  end
  local bookkeeping = M.is_bookkeeping(needed)
  for _, law in ipairs(needed) do
    told[#told + 1] = (bookkeeping or not BOOKKEEPING[law]) and law or nil
  end
  return #told > 0 and #told <= MOST_NAMES and told or nil
end

return M
