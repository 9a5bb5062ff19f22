--- A tree as a page leaves it, read with a choice of kinds for its letters: a tree that the language can mean.
--
-- Every part gets a kind: scalar, column, row, matrix; nil where it is not known. It decides what the sign alone does not:
-- |x| is a length or a determinant, u·v of two columns is u'*v, f(x) a value or a product. `price` grows with what is
-- unlikely; what does not fit stops the try. Trees are never changed: each part that changes is a new one. Products, norms and
-- functions are read in files of their own, which add to `readers`.
--
-- @module nabla.page.reading

local core = require "nabla.core"
local families = require "nabla.language.families"
local letters = require "nabla.page.letters"
local syntax_trees = require "nabla.language.tree"
local spreads = require "nabla.language.spread"
local scopes = require "nabla.language.scope"
local prices = require "nabla.page.prices"

local Reading = {}
Reading.__index = Reading

local ONE = core.constants.one -- the dimension 1
local PRICE = prices.price
local TURNED = { column = "row", row = "column" }

-- ---------------------------------------------------------------------------------------------- helpers

local function call(name, args, pos)
  return { tag = "call", name = name, args = args, pos = pos }
end

-- Does a tree end in brackets behind a letter, which may be a product?
local function is_applied(tree)
  while tree.tag == "transpose" or tree.tag == "power" or tree.tag == "entry" do
    tree = tree[1]
  end
  return tree.tag == "apply"
end

-- A part in brackets, where it is a sum or a product.
local function bracketed(tree)
  if tree.tag == "sum" or tree.tag == "product" or tree.tag == "neg" or is_applied(tree) then
    local copy = {}
    for key, value in pairs(tree) do
      copy[key] = value
    end
    copy.paren = true
    return copy
  end
  return tree
end

local function product(list, ops, pos)
  local places = {}
  for i = 1, #ops do
    places[i] = list[i + 1].pos or pos
  end
  return { tag = "product", args = list, ops = ops, oppos = places, pos = pos }
end

local function transpose(tree, pos)
  return { tag = "transpose", bracketed(tree), pos = pos, oppos = pos }
end

local function of_shape(rows, cols)
  local flat = cols == ONE
  return rows == ONE and (flat and "scalar" or "row") or flat and "column" or "matrix"
end

--- The names in a tree.
local function names_in(self, tree, out)
  if type(tree) ~= "table" then
    return out
  elseif tree.tag == "name" then
    out[tree.name] = true
  elseif tree.outer or tree.tag == "call" and tree.name == "kron" then
    out["\\otimes"] = true
  elseif tree.tag == "sub" then
    out[tree.base .. "[]"], out[tree.name] = true, true
    out[self.array[tree.base] or tree.base] = true
  end
  if tree.tag == "call" then
    out[tree.name] = true
  end
  for _, part in pairs(tree) do
    names_in(self, part, out)
  end
  return out
end

-- What does not fit: this choice of kinds is no reading. In a lenient reading the part has no kind.
function Reading:misfit(tree, message, hint)
  if not self.lenient then
    local pos = type(tree.oppos) == "number" and tree.oppos or tree.pos
    error({ misfit = tree, message = message, hint = hint, pos = pos }, 0)
  elseif tree.tag == "apply" or tree.tag == "sub" then -- the language has no word for it
    self:refuse(tree, message, hint)
  end
  return nil
end

-- What no choice of kinds mends.
function Reading:refuse(tree, message, hint)
  self.stop(type(tree) == "table" and tree.pos or tree, message, hint)
end

function Reading:tell(tree, text)
  self.notes[#self.notes + 1] = { pos = tree.pos, text = text }
end

function Reading:pay(price)
  self.price = self.price + price
end

-- ---------------------------------------------------------------------------------------------- leaves

-- The kind of a declared name, or nil.
function Reading:declared(name)
  local var = scopes.lookup(self.scope, name)
  if var then
    return of_shape(var.rows, var.cols), var
  elseif scopes.is_dimension(self.scope, name) then
    return "scalar"
  end
end

local readers = {}

function readers.number(_, tree)
  return "scalar", tree
end

local OPEN = { square = "matrix", column = "column", row = "row" }

function readers.name(self, tree)
  local name = tree.name
  if tree.open then
    return OPEN[tree.open], tree
  elseif self.counters[name] then
    return "scalar", tree
  elseif self.sizes[name] and not scopes.lookup(self.scope, name) then
    return "scalar", tree
  end
  local kind, var = self:declared(name)
  local op = not kind and self.session.ops[name]
  if kind then
    return kind, tree
  elseif op and not op.gone and #op.params == 0 then
    return of_shape(op.rows, op.cols), tree
  end
  local role = self.roles[name]
  if role and role.called == "function" then
    local known = self.functions[name]
    if not known then
      return self:misfit(tree, ("%s stands without its argument"):format(name))
    end
    return role.kind, call(name, { known.arg }, tree.pos)
  elseif self.counting and role and role.kind ~= "scalar" and not var then
    return self:misfit(tree, "an exponent is a scalar")
  end
  return role and role.kind, tree
end

local function mode_of(self, base)
  local role = self.roles[base .. "[]"]
  return role and role.subs or "names"
end

-- The indices of an entry: scalars.
local function index_list(self, tree)
  local list = {}
  for i, arg in ipairs(tree.args) do
    local before = self.indexing
    self.indexing = true
    local _, new = self:read(arg)
    self.indexing = before
    list[i] = new
  end
  return list
end

-- The declared family of a letter, or nil.
function Reading:family(base)
  return families.lookup(self.scope, base .. "_")
end

-- Is a letter declared, or on the page without an index, too?
function Reading:stands(base)
  local letter = self.letters[base]
  return letter ~= nil and not letter.only or self:declared(base) ~= nil
end

-- What a letter with an index is one of: scalars, columns or matrices.
local KINDS_OF_MEMBERS = { scalar = "scalars", column = "vectors", matrix = "matrices" }

-- A member of a family, of a kind, if it is known.
local function member(self, tree, kind)
  local family = self:family(tree.base)
  if family then
    kind = of_shape(family.family.rows, family.family.cols)
  elseif not kind then
    kind = not self.turned[tree.base] and tree.base:find "^%u" and "matrix" or "column"
  end
  if not tree.args or #tree.args > 2 then
    return self:misfit(tree, ("%s has more than two indices"):format(tree.name))
  end
  local counts = {}
  for i, arg in ipairs(tree.args) do
    counts[i] = arg.name or arg.text or (syntax_trees.leaves(arg)[1] or { name = "i" }).name
  end
  if not family and not self.told_family[tree.base] then
    self.told_family[tree.base] = true
    local what = ("%s_%s is one of a family of %s"):format(tree.base, table.concat(counts), KINDS_OF_MEMBERS[kind])
    self:tell(tree, what)
  end
  local new = call(tree.base .. "_", index_list(self, tree), tree.pos)
  new.member = kind
  return kind, new
end

-- x_j^{(i)} of a family of columns x^{(i)}: the entry j of the member i.
local function entry_of_member(self, tree, kind)
  local family = self:family(tree.base)
  if family then
    kind = of_shape(family.family.rows, family.family.cols)
  elseif not kind then
    kind = not tree.base:find "^%u" and "column" or nil
  end
  if not tree.above or kind ~= "column" or #tree.args ~= 2 then
    return nil
  end
  local one = { tag = "sub", base = tree.base, name = tree.name, index = tree.index, pos = tree.pos }
  one.args = { tree.args[2] }
  local _, new = member(self, one, kind)
  return { tag = "entry", new, args = { index_list(self, tree)[1] }, pos = tree.pos, oppos = tree.pos }
end

function readers.sub(self, tree)
  local mode = mode_of(self, tree.base)
  if self:declared(tree.name) or mode == "names" or not tree.indices then
    if tree.bound then
      return self:misfit(tree, "a name with a running index")
    end
    local kind, new = readers.name(self, { tag = "name", name = tree.name, pos = tree.pos })
    return kind, new
  elseif mode == "family" and entry_of_member(self, tree, self.roles[tree.base .. "[]"].kind) then
    return "scalar", entry_of_member(self, tree, self.roles[tree.base .. "[]"].kind)
  elseif mode == "family" and (tree.bound or tree.index:find "^[%a1-9]$" or self:family(tree.base)) then
    return member(self, tree, self.roles[tree.base .. "[]"].kind)
  elseif mode == "family" then
    return readers.name(self, { tag = "name", name = tree.name, pos = tree.pos })
  elseif self.with_families and tree.bound and tree.args and not self:stands(tree.base) then
    return member(self, tree, "scalar")
  end
  local array = self.array[tree.base] or tree.base
  if tree.index == "0" and not tree.bound and not self:declared(array) then -- w_0 beside w_1, .., w_p
    self:tell(tree, ("%s_0 is a letter of its own, no entry of %s"):format(tree.base, array))
    return readers.name(self, { tag = "name", name = tree.name, pos = tree.pos })
  end
  local kind = self:declared(array) or (self.roles[array] or {}).kind
  local count = #(tree.args or {})
  if not tree.args or count == 2 and kind ~= "matrix" or count == 1 and kind ~= "column" then
    return self:misfit(tree, ("%s has no entry with this index"):format(array))
  end
  if array ~= tree.base then
    self:tell(tree, ("%s_{%s} is an entry of %s"):format(tree.base, tree.index, array))
  elseif not tree.bound then
    self:tell(tree, ("%s_%s is an entry of %s"):format(tree.base, tree.index, array))
  end
  return "scalar", call(array, index_list(self, tree), tree.pos)
end

function readers.entry(self, tree)
  local kind, inner = self:read(tree[1])
  if kind == "scalar" then
    return self:misfit(tree, "a scalar has no entries")
  end
  local copy = { tag = "entry", bracketed(inner), args = index_list(self, tree), pos = tree.pos, oppos = tree.oppos }
  return "scalar", copy
end

-- ---------------------------------------------------------------------------------------------- brackets behind a letter

-- A letter's powers and transposes on another tree.
local function dressed(head, inner)
  if head.tag == "power" or head.tag == "transpose" then
    local copy = {}
    for key, value in pairs(head) do
      copy[key] = value
    end
    copy[1] = dressed(head[1], inner)
    return copy
  end
  return inner
end

local function role_of_apply(self, tree)
  local head = letters.head_letter(tree.head)
  if head.tag == "sub" and (mode_of(self, head.base) ~= "names" or self:declared(head.base)) then
    return nil, head
  end
  local var = scopes.lookup(self.scope, head.name)
  if var then
    local S = self.session.S
    local own = var.func and var.arg_id and S:op(var.arg_id) == "symbol" and S:name(var.arg_id)
    local called = own and tree.args[1].tag == "name" and tree.args[1].name == own
      or var.several and #tree.args == #var.several
    return { called = called and "function" or "factor", kind = of_shape(var.rows, var.cols), var = var }, head
  end
  return self.roles[head.name], head
end

-- An argument under the sums around it, for its size. Their last values may be found later: `ranges` has which sum each copies.
function Reading:counted(tree)
  for var, around in pairs(self.counters) do
    local one = { tag = "number", text = "1", pos = tree.pos }
    tree = { tag = "sumover", var = var, lo = one, hi = one, body = tree, pos = tree.pos }
    self.ranges[#self.ranges + 1] = { tree, around }
  end
  return tree
end

--- Give the sums around arguments of functions the ranges that were found.
function Reading:complete_ranges()
  for _, pair in ipairs(self.ranges) do
    pair[1].lo, pair[1].hi = pair[2].lo, pair[2].hi or pair[1].hi
  end
end

-- A value of a declared function of several arguments.
local function value_of_several(self, tree, role, head)
  local args = {}
  for i, arg in ipairs(tree.args) do
    local _, new = self:read(arg)
    args[i] = new
  end
  local value = call(head.name, args, head.pos)
  if tree.head.tag == "power" or tree.head.tag == "transpose" then
    self.value_kinds[value] = role.kind
    return self:read(dressed(tree.head, value))
  end
  return role.kind, value
end

local function value_of(self, tree, role, head)
  if role.var and role.var.several then
    return value_of_several(self, tree, role, head)
  end
  if #tree.args ~= 1 then
    return self:misfit(
      tree,
      ("%s(..) of %d arguments is no function that is declared"):format(head.name, #tree.args),
      ("declare it: scalar %s of (x, y)"):format(head.name)
    )
  end
  local kind, arg = self:read(tree.args[1])
  if kind == "row" then
    self:pay(PRICE.row_argument)
  end
  local known = self.functions[head.name]
  if known and known.kind ~= kind and not role.var then
    return self:misfit(tree, ("%s is called with a %s and a %s"):format(head.name, known.kind, kind))
  end
  self.functions[head.name] = known
    or { kind = kind, arg = arg, value = role.kind, pos = head.pos, var = role.var, list = {} }
  table.insert(self.functions[head.name].list, self:counted(arg))
  local value = call(head.name, { arg }, head.pos)
  local dress = tree.head
  if dress.prime then
    return self:misfit(tree, ("%s'(..) is the derivative of a function that is not known"):format(head.name), "D(f, x)")
  end
  local inverse = dress.tag == "power" and dress[2].tag == "neg"
  if inverse and role.kind ~= "matrix" then
    return self:misfit(tree, ("the inverse function of %s is not known"):format(head.name))
  end
  if dress.tag == "power" or dress.tag == "transpose" then
    self.value_kinds[value] = role.kind
    return self:read(dressed(dress, value))
  end
  return role.kind, value
end

-- A letter before a bracket as a factor: two trees, or nil where it is none.
-- `whole`: brackets around the tree itself do not matter.
function Reading:factors_of_apply(tree, whole)
  local closed = tree.paren and not whole
  if closed then
    return nil
  elseif tree.tag == "apply" then
    local role, head = role_of_apply(self, tree)
    local entry = role and role.called ~= "factor"
    if entry or #tree.args ~= 1 then
      return nil
    elseif not role and not head then
      return nil
    end
    return tree.head, bracketed(tree.args[1])
  elseif tree.tag == "transpose" or tree.tag == "power" or tree.tag == "entry" then
    local head, inner = self:factors_of_apply(tree[1])
    if head then
      local copy = {}
      for key, value in pairs(tree) do
        copy[key] = value
      end
      copy[1] = inner
      return head, copy
    end
  elseif tree.raised then -- a(b)^{-T}
    local head, inner = self:factors_of_apply(tree.args[1])
    if head then
      local copy = call(tree.name, { inner }, tree.pos)
      copy.raised = true
      return head, copy
    end
  end
end

function readers.apply(self, tree)
  local role, head = role_of_apply(self, tree)
  if role and role.called == "function" then
    return value_of(self, tree, role, head)
  elseif role and role.called == "customary" then
    local meant = prices.customary(head.name)
    if #tree.args ~= 1 then
      self:refuse(tree, meant.words .. " has one argument")
    end
    self:tell(tree, ("%s(..) is %s"):format(head.name, meant.words))
    local value = call(meant.name, tree.args, tree.pos)
    value.customary = true
    if tree.head.tag == "transpose" or tree.head.prime then
      self:refuse(tree, ("%s'(..) is the derivative of a function: it is not read"):format(head.name))
    elseif tree.head.tag == "power" and tree.head[2].tag == "neg" then
      local hint = meant.name == "sigmoid" and "log(p/(1 - p))" or nil
      self:refuse(tree, ("the inverse function of %s is not known"):format(meant.words), hint)
    end
    return self:read(dressed(tree.head, value))
  end
  local alone = #tree.args == 1 and (tree.args[1].tag == "name" or tree.args[1].tag == "sub")
  if head.tag == "sub" and head.bound and (alone or prices.functions[prices.letter(head.base)]) then
    self:refuse(
      tree,
      ("%s_%s(..) may be one of several functions: they are not in the language"):format(head.base, head.index),
      ("a product is written %s_%s \\cdot (..)"):format(head.base, head.index)
    )
  end
  if #tree.args ~= 1 then
    return self:misfit(
      tree,
      ("%s(..) of %d arguments is no function that is declared"):format(head.name, #tree.args),
      ("declare it: scalar %s of (x, y)"):format(head.name)
    )
  end
  return self:read(product({ tree.head, bracketed(tree.args[1]) }, { "*" }, tree.pos))
end

-- ---------------------------------------------------------------------------------------------- signs

function readers.neg(self, tree)
  local kind, inner = self:read(tree[1])
  return kind, { tag = "neg", inner, pos = tree.pos }
end

-- A column of ones in the place of a number.
function Reading:ones(tree, shape)
  local ones = self.placeholder("ones", tree.pos)
  ones.open = shape or "any"
  return ones
end

function readers.transpose(self, tree)
  local head, rest = self:factors_of_apply(tree, true)
  if head then
    return self:read(product({ head, rest }, { "*" }, tree.pos))
  end
  local inner = tree[1]
  if inner.tag == "number" and inner.text == "1" then
    return "row", transpose(self:ones(tree, "column"), tree.pos)
  end
  local kind, new = self:read(inner)
  if tree.star and not self.told_family[tree] then
    self.told_family[tree] = true
    self:tell(tree, ("%s^* is the transpose of %s: letters are real here"):format(inner.name, inner.name))
  end
  if kind == "scalar" and inner.tag == "sub" then
    self:pay(PRICE.transposed_scalar)
  elseif kind == "scalar" and inner.tag ~= "name" and inner.tag ~= "apply" then
    self:pay(PRICE.transposed_whole)
  end
  return TURNED[kind] or kind, { tag = "transpose", bracketed(new), pos = tree.pos, oppos = tree.oppos }
end

local function is_number(tree)
  if tree.tag == "product" then
    for _, arg in ipairs(tree.args) do
      if not is_number(arg) then
        return false
      end
    end
    return true
  end
  return tree.tag == "number" or tree.tag == "neg" and is_number(tree[1])
end

local function is_fraction(tree)
  return tree.tag == "product" and tree.ops[1] == "/" or tree.tag == "neg" and is_fraction(tree[1])
end

-- A^{1/2} and A^{-1/2}; other roots have no word in the language.
function Reading:root_of_matrix(tree, base)
  local exponent = tree[2]
  local inverse = exponent.tag == "neg"
  exponent = inverse and exponent[1] or exponent
  local over, under = exponent.args[1], exponent.args[2]
  local half = #exponent.args == 2 and over.text == "1" and under.text == "2"
  local name = half and self.of_a_matrix "sqrt"
  if not name then
    local hint = "a square root is \\sqrt{A}; of a positive definite matrix another is expm(logm(A)/3)"
    self:refuse(tree, "a root of a matrix is not in the language", hint)
  end
  self:tell(tree, ("a matrix to the power 1/2 is its square root, %s"):format(name))
  local root = call(name, { base }, tree.pos)
  return "matrix", inverse and call("inv", { root }, tree.pos) or root
end

function readers.power(self, tree)
  local head, rest = self:factors_of_apply(tree, true)
  if head then
    return self:read(product({ head, rest }, { "*" }, tree.pos))
  end
  local kind, base = self:read(tree[1])
  local around = self.counting
  self.counting = not tree.elementwise
  local exponent_kind, exponent = self:read(tree[2])
  self.counting = around
  local elementwise = tree.elementwise
  if exponent_kind and exponent_kind ~= "scalar" and not elementwise then
    return self:misfit(tree, "the exponent is no scalar")
  end
  if kind == "column" or kind == "row" then
    if not elementwise and (tree[1].paren or tree[1].tag == "sum") then
      self:pay(PRICE.power_of_brackets)
      self.square_of_column = tree
    elseif not elementwise then
      self:pay(PRICE.power)
      self.square_of_column = self.dots and tree or self.square_of_column -- a^2 beside a \cdot b
    end
    if not elementwise then
      self:tell(tree, "a power of a column is taken entry by entry")
    end
    elementwise = true
  elseif tree[1].tag == "call" and tree.applied and kind == "matrix" then
    elementwise = true
  elseif kind == "matrix" and not elementwise and is_fraction(tree[2]) then
    return self:root_of_matrix(tree, base)
  end
  return kind, {
    tag = "power",
    bracketed(base),
    exponent,
    elementwise = elementwise or false,
    pos = tree.pos,
    oppos = tree.oppos,
  }
end

-- A term of a sum beside a column: in every entry. `labelled`: the column is one times an inner product.
local function spread(self, term, kind, labelled)
  local number = is_number(term)
  if not self.may_spread then
    local message = ("a sum of a %s and a scalar"):format(kind)
    return self:misfit(term, message, "a scalar in every entry is written c*ones(n)")
  end
  self:pay(number and not labelled and PRICE.spread_number or PRICE.spread)
  local shown = number and term.tag == "number" and term.text or nil
  if shown ~= "1" then
    self:tell(
      term,
      shown and ("%s beside a %s stands in every entry"):format(shown, kind)
        or ("a scalar beside a %s stands in every entry"):format(kind)
    )
  end
  local ones = self:ones(term)
  if shown == "1" then
    return ones
  end
  return product({ bracketed(term), ones }, { "*" }, term.pos)
end

function readers.sum(self, tree)
  local kinds, args, target, labelled = {}, {}, nil, false
  local function is_column(name)
    local role = self.roles[name]
    return role and role.kind == "column" and not scopes.lookup(self.scope, name)
  end
  for i, arg in ipairs(tree.args) do
    kinds[i], args[i] = self:read(arg)
    if kinds[i] and (not target or target == "scalar") then
      target = kinds[i]
    end
  end
  for i, kind in pairs(kinds) do
    labelled = labelled or kind ~= "scalar" and spreads.has_label(tree.args[i], is_column)
  end
  for i, kind in pairs(kinds) do
    if kind ~= target and kind == "scalar" then
      local zero = args[i].tag == "number" and tonumber(args[i].text) == 0
      if zero then
        args[i] = args[i]
      elseif target == "matrix" and not (self.numbers_beside_matrices and is_number(args[i])) then
        return self:misfit(tree, "a sum of a matrix and a scalar")
      else
        args[i] = spread(self, args[i], target, labelled)
      end
    elseif kind ~= target then
      return self:misfit(tree, ("a sum of a %s and a %s"):format(target, kind))
    end
  end
  local copy = { tag = "sum", args = args, signs = tree.signs, oppos = tree.oppos, pos = tree.pos, paren = tree.paren }
  return target, copy
end

-- ---------------------------------------------------------------------------------------------- sums over an index

function readers.sumover(self, tree)
  local _, lo = self:read(tree.lo)
  local hi
  if tree.hi then
    _, hi = self:read(tree.hi)
  end
  local around = self.counters[tree.var]
  local new = {
    tag = "sumover",
    var = tree.var,
    lo = lo,
    hi = hi,
    pos = tree.pos,
    open = not tree.hi or nil,
    partial = tree.partial,
  }
  self.counters[tree.var] = new
  local kind
  kind, new.body = self:read(tree.body)
  self.counters[tree.var] = around
  if kind ~= "scalar" and tree.body.tag ~= "sumover" then
    self:pay(PRICE.sum_of_rows)
  end
  return kind, new
end

-- ---------------------------------------------------------------------------------------------- the whole

--- The kind of a tree and the tree that it becomes.
function Reading:read(tree)
  local f = readers[tree.tag]
  local kind, new = f(self, tree)
  if new == nil then -- a misfit in a lenient reading
    new = tree
  elseif tree.paren and new ~= tree and not new.paren then
    new.paren = true
  end
  return kind, new
end

Reading.readers = readers
Reading.names_in = names_in
Reading.bracketed, Reading.product, Reading.transposed, Reading.call = bracketed, product, transpose, call
Reading.of_shape = of_shape

return Reading
