--- Products of a page: factors side by side, dots, slashes in a line, columns that are beside columns.
--
-- A reader (nabla.page.reading) reads a product here. A slash divides by what follows it, as far as a page means it: the
-- rules are those of `divisor`.
--
-- @module nabla.page.products

local Reading = require "nabla.page.reading"
local scopes = require "nabla.language.scope"
local prices = require "nabla.page.prices"

local PRICE = prices.price
local bracketed, product, transposed, call = Reading.bracketed, Reading.product, Reading.transposed, Reading.call

-- The kind of a matrix product; nil and true where there is none.
local function of_product(a, b)
  if not a or not b then
    return nil
  elseif a == "scalar" or b == "scalar" then
    return a == "scalar" and b or a
  elseif a == "row" and b == "column" then
    return "scalar"
  elseif a == "matrix" and (b == "column" or b == "matrix") then
    return b
  elseif b == "matrix" and a == "row" then
    return "row"
  elseif a == "column" and b == "row" then
    return "matrix"
  end
  return nil, true
end

-- Letters that before another may be operators: D f(x), \Delta x, d\mathbf{v}. Such a formula is refused.
function Reading:check_operator(tree, follows)
  local after = follows and follows.op == "*" and not follows.stop and follows.tree
  local name = tree.tag == "name" and not tree.open and tree.name
  if not after or not name or scopes.lookup(self.scope, name) or self.bold[name] then
    return
  end
  local variable = self.variable and self.variable.name == name
  local role = after.tag == "apply" and self.roles[(after.head or {}).name or ""]
  local small = (after.tag == "name" or after.tag == "sub") and (after.name:find "^%l" ~= nil)
  if (name == "D" or name == "H") and role and role.called == "function" then
    self:refuse(tree, ("%s before a function may be its derivative"):format(name), "D(f, x), or declare the letter")
  elseif name == "Delta" and small and not variable then
    self:refuse(tree, "\\Delta before a letter may be a difference", "declare it: matrix Delta(m,n)")
  elseif name == "d" and after.tag == "name" and self.bold[after.name] then
    self:refuse(tree, ("d before %s may be a differential"):format(after.name), "declare it: scalar d")
  end
end

-- The factors of a product: { tree =, kind =, new =, op =, dot =, slash =, stop = }, letters before brackets as two.
local function factors_of(self, tree)
  local list = {}
  local function add(factor, op, dot, slash, stop)
    local head, rest
    if op ~= ".*" and op ~= "./" then
      head, rest = self:factors_of_apply(factor)
    end
    if head then
      add(head, op, dot, slash, stop)
      add(rest, "*")
      return
    end
    list[#list + 1] = { tree = factor, op = op, dot = dot, slash = slash, stop = stop }
  end
  for i, arg in ipairs(tree.args) do
    local op = i > 1 and tree.ops[i - 1] or nil
    local dots, slashes, stops = tree.dots or {}, tree.slashes or {}, tree.stops or {}
    add(arg, op, dots[i - 1], slashes[i - 1], stops[i - 1])
  end
  for i, factor in ipairs(list) do
    factor.kind, factor.new = self:read(factor.tree)
    self:check_operator(factor.tree, list[i + 1])
  end
  return list
end

-- Is a factor a scalar letter, or a power of one?
local function is_letter(factor)
  local tree = factor.tree
  tree = tree.tag == "power" and tree[1] or tree
  return (tree.tag == "name" or tree.tag == "sub") and factor.kind == "scalar"
end

-- The kind of the factors from one to another.
local function kind_of(list, from, to)
  local kind = list[from].kind
  for i = from + 1, to do
    kind = of_product(kind, list[i].kind)
  end
  return kind
end

-- How many factors behind a slash it divides by, from the i-th on.
local function divisor(list, i)
  local last = i
  while list[last + 1] and list[last + 1].op == "*" and not list[last + 1].stop and not list[last + 1].slash do
    last = last + 1
  end
  if last == i then
    return i
  end
  local first = list[i]
  local letters = true
  for k = i + 1, last do
    letters = letters and is_letter(list[k])
  end
  if first.tree.tag == "number" or first.kind == "scalar" and is_letter(first) then
    if
      letters
      and kind_of(list, i, last) == "scalar"
      and not (first.tree.tag == "number" and list[i - 1].tree.tag == "number")
    then
      return last -- a/(b c)
    end
    return i -- 1/2 x'Hx, 1/n |Ax - b|^2
  end
  if kind_of(list, i, last) == "scalar" then
    return last -- x'Ax / x'x
  end
  for k = i, last do
    if kind_of(list, i, k) == "scalar" then
      return k
    end
  end
  return last
end

-- The factors behind slashes as one factor each.
local function with_divisors(self, list)
  local out, i = {}, 1
  while list[i] do
    local factor = list[i]
    if factor.slash and factor.op == "/" then
      local last = divisor(list, i)
      if last > i then
        local args, ops = {}, {}
        for k = i, last do
          args[#args + 1] = bracketed(list[k].new)
          ops[#ops + 1] = k > i and "*" or nil
        end
        local whole = product(args, ops, factor.tree.pos)
        whole.paren = true
        self:tell(factor.tree, "the slash divides by the product that follows it")
        factor = { tree = factor.tree, kind = kind_of(list, i, last), new = whole, op = "/", stop = factor.stop }
        i = last
      elseif list[i + 1] and list[i + 1].op == "*" and not list[i + 1].stop then
        local number = factor.tree.tag == "number" and list[i - 1] and list[i - 1].tree.tag == "number"
        if not number then
          self:tell(factor.tree, "the slash divides by the one factor that follows it")
        end
      end
    end
    out[#out + 1] = factor
    i = i + 1
  end
  return out
end

-- Letters that count, as factors that are no scalars.
local function is_weak(self, factor)
  local tree = factor.tree
  if tree.tag ~= "name" or factor.kind == "scalar" or self.bold[tree.name] or scopes.lookup(self.scope, tree.name) then
    return false
  end
  local letter = prices.letter(tree.name)
  return prices.counting[letter] or prices.often_scalars[letter]
end

-- A scalar letter, or a value of an unknown function, behind a row or a matrix.
local function pay_behind(self, left, factor)
  local tree = factor.tree
  if factor.follows then -- more than scalars follow
    return
  end
  local value = tree.tag == "apply"
  local op = left.kind == "row" and tree.tag == "call" and self.session.ops[tree.name]
  if op and op.elementwise then -- y^T \\log(p): p is likelier a column
    self:pay(PRICE.behind_row)
    return
  elseif
    not value and tree.tag ~= "name" and tree.tag ~= "sub"
    or tree.tag == "name" and scopes.lookup(self.scope, tree.name)
  then
    return
  elseif tree.tag == "name" and self.counters[tree.name] then
    return
  end
  if left.kind == "row" and not value then
    local class = prices.class(tree.name, self.bold[tree.name])
    self:pay(class:find "^greek" and PRICE.greek_behind_row or PRICE.behind_row)
  elseif left.kind == "matrix" then
    local class = not value and prices.class(tree.name, self.bold[tree.name])
    local own = not value
      and self.variable
      and self.variable.name == tree.name
      and (class == "scalar" or class:find "^greek")
    local often = not value and (own or prices.greek_vectors[prices.letter(tree.name)])
    self:pay(
      value and PRICE.value_behind_matrix
        or own and PRICE.variable_behind_matrix
        or often and PRICE.column_behind_matrix
        or PRICE.behind_matrix
    )
  end
end

-- Is each of these trees a number, perhaps with its sign?
local function are_numbers(list)
  for _, tree in ipairs(list) do
    tree = tree.tag == "neg" and tree[1] or tree
    if tree.tag ~= "number" then
      return false
    end
  end
  return true
end

-- Two columns side by side, of which one is a scalar product with the rest: no reading, but for dots.
local function join(self, tree, left, factor)
  local op, kind = factor.op, factor.kind
  if
    op == "*"
    and factor.tree.tag == "number"
    and factor.tree.text == "1"
    and (left.kind == "row" or left.kind == "matrix")
  then
    kind = "column" -- x^T 1
    factor = { tree = factor.tree, new = self:ones(factor.tree, "column"), kind = kind }
  end
  if op == "*" then
    local result, none = of_product(left.kind, kind)
    if none then
      self:misfit(tree, ("a product of a %s and a %s"):format(left.kind, kind))
    end
    if kind == "scalar" and factor.slash == nil then
      pay_behind(self, left, factor)
    end
    if is_weak(self, factor) and left.kind == "scalar" then
      self:pay(PRICE.weak_factor)
    elseif left.weak and (kind == "scalar" or kind == "row") then
      self:pay(PRICE.weak_factor)
    end
    left.kind = result
  elseif op == "/" then
    if kind == "column" or kind == "row" then
      if left.kind ~= "scalar" and left.kind and left.kind ~= kind then
        self:misfit(tree, ("a %s divided by a %s"):format(left.kind, kind))
      end
      self:pay(PRICE.quotient)
      self:tell(factor.tree, "a quotient of columns is taken entry by entry")
      op = "./"
      left.kind = kind
    elseif kind == "matrix" then
      if not factor.slash then
        self:misfit(tree, "a matrix below the line of a fraction")
      end
      local result, none = of_product(left.kind, kind)
      if none then
        self:misfit(tree, "a quotient that does not fit")
      end
      self:pay(PRICE.quotient_by_matrix)
      self:tell(factor.tree, "b/A is b*inv(A)")
      op, left.kind = "*", result
      factor = { new = call("inv", { factor.new }, factor.tree.pos), tree = factor.tree }
    elseif left.weak then
      self:pay(PRICE.weak_factor)
    end
  elseif op == "\\" then
    if kind == "scalar" and left.kind == "matrix" then
      pay_behind(self, left, factor)
    end
    local result, none = of_product(left.kind, kind)
    if none or left.kind == "column" or left.kind == "row" then
      self:misfit(tree, "A \\ b takes a matrix on its left")
    end
    local inner = #left.args > 1 and product(left.args, left.ops, tree.pos) or left.args[1]
    if left.kind == "matrix" then
      self:tell(factor.tree, "A \\ b is inv(A)*b")
      left.args, left.ops = { call("inv", { inner }, tree.pos) }, {}
    else
      left.args, left.ops = { { tag = "number", text = "1", pos = tree.pos }, bracketed(inner) }, { "/" }
    end
    op, left.kind = "*", result
  else -- .* and ./
    if left.kind and kind and left.kind ~= kind and left.kind ~= "scalar" and kind ~= "scalar" then
      self:misfit(tree, ("an entrywise product of a %s and a %s"):format(left.kind, kind))
    end
    if left.kind == "scalar" and not are_numbers(left.args) or kind == "scalar" and factor.tree.tag ~= "number" then
      self:pay(PRICE.entrywise_of_scalar)
    end
    left.kind = left.kind ~= "scalar" and left.kind or kind
  end
  local n = #left.args
  left.args[n + 1], left.ops[n] = bracketed(factor.new), op
  left.weak = false
  return true
end

-- One run of factors without dots.
local function group_of(self, tree, list, from, to)
  local first = list[from]
  local group = { kind = first.kind, args = { bracketed(first.new) }, ops = {}, weak = is_weak(self, first) }
  local follows = false
  for i = to, from + 1, -1 do
    list[i].follows = follows
    follows = follows or list[i].kind ~= "scalar" and list[i].op == "*"
  end
  for i = from + 1, to do
    join(self, tree, group, list[i])
  end
  return group
end

-- Indices of tensors.
local THREE = {}
for indices in ("ijk jkl klm lmn ijl ikl ijm ikj jik kij kji jki"):gmatch "%a+" do
  THREE[indices] = true
end

-- Tell where two factors share an index that no sum counts, as in A_{ij} x_j: some leave the sum out.
local function tell_repeated_index(self, tree)
  local seen, has_two = {}, false
  for _, arg in ipairs(tree.args) do
    local above = arg.tag == "power" and arg[1].tag == "name" and arg[2].tag == "name" and arg[2].name
    if above and has_two and seen[above] and not self.counters[above] and not scopes.lookup(self.scope, above) then
      local letter = arg[1].name
      self:refuse(
        arg,
        ("%s^%s may be an entry with its index above, or a power"):format(letter, above),
        ("an entry is written %s_%s, a power (%s)^%s"):format(letter, above, letter, above)
      )
    end
    local inner = arg.tag == "power" and arg[1] or arg
    local index = inner.tag == "sub" and not inner.paren and tostring(inner.index or ""):match "^%l%l?$" or ""
    has_two = has_two or #index == 2
    local tensor = inner.tag == "sub" and not inner.bound and THREE[inner.index] and #tree.args > 1
    if tensor and not scopes.lookup(self.scope, inner.name) then
      local hint = "a family of matrices: matrix A_i(m,n) for i = 1..N"
      self:refuse(inner, ("%s has three indices: matrices have two"):format(inner.name), hint)
    end
    for letter in index:gmatch "[i-n]" do
      if seen[letter] and seen[letter] ~= arg and has_two and not self.counters[letter] then
        self:tell(tree, ("no sum over %s is read: a sum is written \\sum_%s"):format(letter, letter))
        return
      end
      seen[letter] = arg
    end
  end
end

-- The groups between dots, joined: u·v of two columns is u'*v.
local function joined_groups(self, tree, list)
  local groups, from = {}, 1
  for i = 1, #list do
    local next_one = list[i + 1]
    if not next_one or next_one.dot then
      groups[#groups + 1] = group_of(self, tree, list, from, i)
      from = i + 1
    end
  end
  local left = groups[1]
  for i = 2, #groups do
    local right = groups[i]
    if left.kind == "column" and right.kind == "column" then -- u·v
      local inner = #left.args > 1 and product(left.args, left.ops, tree.pos) or left.args[1]
      left = { kind = "row", args = { transposed(inner, tree.pos) }, ops = {} }
    end
    if left.kind == "column" and right.kind == "scalar" and #right.args == 1 and right.args[1].tag == "name" then
      self:pay(PRICE.behind_row)
    end
    local result, none = of_product(left.kind, right.kind)
    if none then
      self:misfit(tree, ("a product of a %s and a %s"):format(left.kind, right.kind))
    end
    local n = #left.args
    left.ops[n] = "*"
    for k, arg in ipairs(right.args) do
      left.args[n + k] = arg
      if k > 1 then
        left.ops[n + k - 1] = right.ops[k - 1]
      end
    end
    left.kind = result
  end
  return left
end

-- The factors joined. A dot before a number may be of a chain of factors, (x + y)^T \cdot 2 x, and end no group.
local function joined_factors(self, tree, list)
  local numbers = false
  for i, factor in ipairs(list) do
    numbers = numbers or i > 1 and factor.dot and factor.tree.tag == "number"
  end
  if not numbers or self.lenient then
    return joined_groups(self, tree, list)
  end
  local price, told = self.price, #self.notes
  local ok, left = pcall(joined_groups, self, tree, list)
  if ok then
    return left
  elseif type(left) ~= "table" or not left.misfit then
    error(left, 0)
  end
  self.price = price
  for i = #self.notes, told + 1, -1 do
    self.notes[i] = nil
  end
  local flat, chain = pcall(group_of, self, tree, list, 1, #list)
  return flat and chain or error(left, 0)
end

function Reading.readers.product(self, tree)
  tell_repeated_index(self, tree)
  local list = with_divisors(self, factors_of(self, tree))
  local left = joined_factors(self, tree, list)
  if #left.args == 1 then
    return left.kind, left.args[1]
  end
  local new = product(left.args, left.ops, tree.pos)
  new.oppos = {}
  for i = 1, #left.ops do
    new.oppos[i] = left.args[i + 1].pos
  end
  if #new.ops == #tree.ops then
    new.oppos = tree.oppos
  end
  new.paren = tree.paren
  return left.kind, new
end

return Reading
