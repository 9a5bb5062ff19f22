--- From a syntax tree to a node: names, shapes, constructors.
--
-- Two passes over the tree. `infer` gives every subtree a shape; sizes that nobody declared are unknowns (dimension names
-- that start with "?"), found by unification as the tree says what fits what. `build` then makes nodes, with the
-- engine's constructors. An error is raised as a nabla.source error that points at the operator or name in question.
--
-- @module nabla.elaborate

local notation = require "nabla.notation"
local source = require "nabla.source"

local M = {}

local ONE = 1 -- the dimension 1
local KIND = {
  scalar = 0,
  vector = 1,
  matrix = 2,
  dimension = 3,
  number = 4,
  constant = 5,
  variable = 6,
  func = 7,
  counter = 8,
  operator = 9,
}
M.KIND = KIND

local GREEK = {}
for name in
  ([[alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi
  omega α β γ δ ε ζ η θ ι κ λ μ ν ξ π ρ σ τ υ φ χ ψ ω]]):gmatch "%S+"
do
  GREEK[name] = true
end

local CAPITAL = {}
for name in
  ("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega Γ Δ Θ Λ Ξ Π Σ Υ Φ Ψ Ω"):gmatch "%S+"
do
  CAPITAL[name] = true
end

--- What an undeclared name is by the habit of the field: a..g and Greek letters scalars, h..z vectors, A..Z and Greek capitals matrices.
-- @treturn string|nil "scalar", "vector" or "matrix"
function M.habit(name)
  local base = name:match "^([%a\128-\255]+)_?%d*$" or name
  if GREEK[base] then
    return "scalar"
  elseif CAPITAL[base] then
    return "matrix"
  end
  local letter = name:match "^(%a)%d*$" or name:match "^(%a)_%w+$"
  if not letter then
    return nil
  elseif letter:match "[a-g]" then
    return "scalar"
  elseif letter:match "[h-z]" then
    return "vector"
  end
  return "matrix"
end

--- The names that a session or a rule file has declared.
--
-- @table Scope
-- @field vars name -> { id, rows, cols, kind }
-- @field dims set of dimension names
-- @field outer the scope to ask next
function M.scope(outer)
  return { vars = {}, dims = {}, outer = outer }
end

local function lookup(scope, name)
  while scope do
    local v = scope.vars[name]
    if v then
      return v
    end
    scope = scope.outer
  end
end

local function is_dimension(scope, name)
  while scope do
    if scope.dims[name] then
      return true
    end
    scope = scope.outer
  end
  return false
end

M.lookup = lookup

-- ---------------------------------------------------------------------------------------------- the context of one text

local NONE = {}

local Context = {}
Context.__index = Context

--- A context for the elaboration of one text.
-- @param session has S (the store), ops (operators by name) and scope
-- @tparam table opts text, file; scope; habit (undeclared letters are allowed); layout; pattern (rule sides)
function M.context(session, opts)
  local c = {
    session = session,
    S = session.S,
    text = opts.text,
    file = opts.file,
    scope = M.scope(opts.scope or session.scope),
    habit = opts.habit,
    pattern = opts.pattern,
    layout = opts.layout,
    convention = opts.convention,
    sizes = opts.sizes, -- names that stand for given dimensions
    fresh = {}, -- unknown size -> dimension
    wide = {}, -- unknown sizes that are not 1: those of undeclared vectors and matrices
    unknowns = 0,
    later = {}, -- equations that wait
    scalars = opts.habit and {}, -- undeclared names that are scalars by habit
    columns = opts.habit and {}, -- undeclared names that are vectors by habit
    vectors = opts.habit and {} or NONE, -- those of them that are taken for vectors
    letters = opts.habit and {} or NONE, -- undeclared names in the order they came
    sums = opts.pattern and NONE or {}, -- how sums stood in the text
    chains = opts.pattern and NONE or {}, -- the scalar chains that stood in the text as the transpose of their node
  }
  return setmetatable(c, Context)
end

function Context:stop(node, message, hint)
  error(
    source.error {
      text = self.text,
      file = self.file,
      pos = type(node) == "table" and node.pos or node,
      message = message,
      hint = hint,
    },
    0
  )
end

function Context:unknown(wide)
  self.unknowns = self.unknowns + 1
  local name = "?" .. self.unknowns
  self.wide[name] = wide
  return self.S:dim(name)
end

-- The names in a dimension; `alone` is the name that it is, if it is one. Asked for so often that the session remembers.
function Context:names(d)
  local known = self.session.dimension_names
  local names = known[d]
  if not names then
    names = self.S:dimnames(d)
    names.alone = self.S:dimname(d)
    known[d] = names
  end
  return names
end

-- A dimension with the unknowns that are known by now put in.
function Context:resolve(d)
  if d == ONE then
    return d
  end
  local fresh = self.fresh
  local names, i = self:names(d), 1
  while names[i] do
    if fresh[names[i]] then
      d = self.S:dimreplace(d, fresh)
      names, i = self:names(d), 0
    end
    i = i + 1
  end
  return d
end

-- The name of an unknown size, if the dimension is one.
function Context:unknown_name(d)
  local name = self:names(d).alone
  return name and name:sub(1, 1) == "?" and name
end

function Context:has_unknown(d)
  for _, name in ipairs(self:names(d)) do
    if name:sub(1, 1) == "?" then
      return true
    end
  end
  return false
end

-- Make two dimensions equal; false if they cannot be.
function Context:unify(a, b)
  if a == b then
    return true
  end
  a, b = self:resolve(a), self:resolve(b)
  if a == b then
    return true
  end
  local left, right = self:unknown_name(a), self:unknown_name(b)
  local name, value, other = left or right, left and b or a, left and right
  if name then
    if self.wide[name] and value == ONE then
      return false
    elseif self.wide[name] and other then
      self.wide[other] = true
    end
    self.fresh[name] = value
    return true
  end
  if self:has_unknown(a) or self:has_unknown(b) then
    self.later[#self.later + 1] = { a, b }
    return true
  end
  return false
end

function Context:shape_text(rows, cols)
  local S = self.S
  local function text(d)
    d = self:resolve(d)
    return self:unknown_name(d) and "?" or (S:dimtext(d):gsub("%?%d+", "?"))
  end
  return text(rows) .. " x " .. text(cols)
end

function Context:is_scalar(ast)
  return self:resolve(ast.r) == ONE and self:resolve(ast.c) == ONE
end

-- ---------------------------------------------------------------------------------------------- dimensions in the text

local DIMENSION =
  "a dimension is made of names and integers with + - and *, divided by integers as in n*(n+1)/2"

local function size_of(self, ast, declare)
  local S = self.S
  if ast.tag == "number" then
    local v = math.tointeger(tonumber(ast.text))
    if not v then
      self:stop(ast, "a dimension is a whole number, found " .. ast.text)
    end
    return S:dim(v)
  elseif ast.tag == "name" then
    if self.sizes and self.sizes[ast.name] then
      return self.sizes[ast.name]
    elseif declare then
      self.scope.outer.dims[ast.name] = true
    elseif self.habit and not lookup(self.scope, ast.name) then
      self.session.scope.dims[ast.name] = true -- so that what is printed with it can be read
    end
    return S:dim(ast.name)
  elseif ast.tag == "sum" then
    local d = S:dim(0)
    for i, arg in ipairs(ast.args) do
      d = S:dimadd(d, S:dimmul(S:dim(ast.signs[i]), size_of(self, arg, declare)))
    end
    return d
  elseif ast.tag == "neg" then
    return S:dimmul(S:dim(-1), size_of(self, ast[1], declare))
  elseif ast.tag == "product" then
    local d = ONE
    for i, arg in ipairs(ast.args) do
      local op = i == 1 and "*" or ast.ops[i - 1]
      local v = op == "/" and S:dimint(size_of(self, arg, declare))
      if op == "/" and v and v ~= 0 then
        d = S:dimmul(d, S:dim(1, v))
        self.fraction = true
      elseif op == "*" then
        d = S:dimmul(d, size_of(self, arg, declare))
      else
        self:stop(ast.oppos[i - 1] or ast, DIMENSION)
      end
    end
    return d
  elseif ast.tag == "power" and ast[2].tag == "number" then
    local k = math.tointeger(tonumber(ast[2].text))
    local base, d = size_of(self, ast[1], declare), ONE
    for _ = 1, math.min(k or 99, 99) do
      d = S:dimmul(d, base)
    end
    return d
  end
  self:stop(ast, DIMENSION)
end

-- Is a dimension with fractions whole whatever its names are? It is if it is for every remainder of each of them.
local function is_whole(S, d)
  local over = tonumber(S:dimtext(d):match "/(%d+)$" or 1)
  local names = S:dimnames(d)
  if over == 1 then
    return true
  elseif over ^ #names > 4096 then
    return false
  end
  local function try(i, values)
    if i > #names then
      return S:dimint(S:dimreplace(d, values)) ~= nil
    end
    for value = 0, over - 1 do
      values[names[i]] = S:dim(value)
      if not try(i + 1, values) then
        return false
      end
    end
    return true
  end
  return try(1, {})
end

--- The dimension that a syntax tree in a declaration or argument says.
function Context:dimension(ast, declare)
  self.fraction = false
  local d = size_of(self, ast, declare)
  if self.fraction and not is_whole(self.S, d) then
    local names = self.S:dimnames(d)
    self:stop(
      ast,
      #names == 0 and string.format("a dimension is a whole number, found %s", self.S:dimtext(d))
        or string.format("the dimension %s is not a whole number for every %s", self.S:dimtext(d), names[1]),
      "a fraction such as n*(n+1)/2 is"
    )
  end
  return d
end

-- ---------------------------------------------------------------------------------------------- pass 1: shapes

local infer

local function name_known(c, name)
  return lookup(c.scope, name) or c.session.ops[name] or is_dimension(c.scope, name)
end

local function known_names(c)
  local names = {}
  local scope = c.scope
  while scope do
    for name in pairs(scope.vars) do
      names[#names + 1] = name
    end
    for name in pairs(scope.dims) do
      names[#names + 1] = name
    end
    scope = scope.outer
  end
  for name, op in pairs(c.session.ops) do
    if not op.gone then
      names[#names + 1] = name
    end
  end
  for _, name in ipairs { "I", "ones", "zeros", "D", "d" } do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- How functions of other programs and papers are written here.
local WRITTEN = {
  ln = "log(x)",
  Tr = "tr(X)",
  Det = "det(X)",
  norm = "norm2(x), norm1(x) or norminf(x)",
  min = "-max(-x)",
  std = "sqrt(var(x))",
  inner = "tr(X'*Y), or x'*y",
  outer = "x*y'",
  arcsin = "asin(x)",
  arccos = "acos(x)",
  arctan = "atan(x)",
  log1p = "log(1 + x)",
  expm1 = "exp(x) - 1",
  vecdot = "x'*y",
  solve = "inv(A)*b",
  hadamard = "X.*Y",
}

-- An unknown function as a declaration would have it: its value by the habit of its name, its argument as it stands.
local function declaration_of(c, ast)
  local kind = M.habit(ast.name) or "vector"
  local size = kind == "vector" and "(m)" or kind == "matrix" and "(p,q)" or ""
  local arg = #ast.args == 1 and ast.args[1]
  local of = arg and arg.tag == "name" and arg.name or "x"
  local var = arg and arg.tag == "name" and lookup(c.scope, of)
  return string.format("%s %s%s of %s", kind, ast.name, size, var and var.func and "x" or of)
end

local function stop_unknown(c, ast, what)
  if what == "function" and WRITTEN[ast.name] then
    c:stop(ast, string.format("unknown function '%s'", ast.name), "it is written " .. WRITTEN[ast.name])
  end
  local nearest = source.nearest(ast.name, known_names(c))
  if what == "function" and (not nearest or #ast.name < 3) then
    local name, hint =
      ast.name, "declare it as an unknown function: %s; or define it in a rule file: operator or function"
    if not c.habit then
      hint = string.format(
        "define it: operator %s(..): .., or function %s(..) = ..; or declare it: let %%s",
        name,
        name
      )
    elseif #ast.args > 1 then
      hint = "an unknown function has one argument: %s; define others in a rule file: operator or function"
    end
    c:stop(ast, string.format("unknown function '%s'", name), hint:format(declaration_of(c, ast)))
  end
  c:stop(
    ast,
    string.format("unknown %s '%s'", what or "name", ast.name),
    nearest and ("did you mean " .. nearest .. "?")
      or ("declare it: matrix %s(m,n), vector %s(n) or scalar %s"):gsub("%%s", (ast.name:gsub("%%", "%%%%")))
  )
end

-- An undeclared letter: its kind by habit, its size to be found. A letter that is a scalar by habit is a vector
-- where nothing else fits (see Context:node), or where it is transposed.
local function undeclared(c, ast)
  local kind = ast.open and "matrix" or c.habit and M.habit(ast.name) -- open: what LaTeX prints without its sizes
  if not kind then
    stop_unknown(c, ast)
  elseif kind == "scalar" then
    c.scalars[#c.scalars + 1] = ast.name
    kind = c.vectors[ast.name] and "vector" or kind
  elseif kind == "vector" then
    c.columns[#c.columns + 1] = ast.name
    kind = c.taken_scalar == ast.name and "scalar" or kind
  end
  local var = {
    name = ast.name,
    kind = kind,
    rows = kind == "scalar" and ONE or c:unknown(not ast.open),
    cols = kind == "matrix" and ast.open ~= "column" and c:unknown(not ast.open) or ONE,
    undeclared = true,
  }
  if ast.open == "square" then
    var.cols = var.rows
  end
  c.scope.vars[ast.name] = var
  c.letters[#c.letters + 1] = var
  return var
end

local function shape(ast, rows, cols)
  ast.r, ast.c = rows, cols
end

-- A Greek letter is another way to write its name, unless it is declared as such.
local function spell(c, ast)
  if ast.name:find "[\128-\255]" and not lookup(c.scope, ast.name) then
    ast.name = notation.spelled_name(ast.name)
  end
end

local function infer_name(c, ast)
  spell(c, ast)
  local var = lookup(c.scope, ast.name)
  if not var then
    local op = c.session.ops[ast.name]
    if op and not op.gone and #op.params == 0 then
      ast.operator = op
      return shape(ast, op.rows, op.cols)
    elseif is_dimension(c.scope, ast.name) then
      ast.dimension = true
      return shape(ast, ONE, ONE)
    elseif op and not op.gone then
      c:stop(ast, string.format("'%s' is a function: its argument is missing", ast.name), ast.name .. "(..)")
    end
    var = undeclared(c, ast)
  end
  ast.var = var
  shape(ast, var.rows, var.cols)
end

local function arity_text(n)
  return n == 0 and "no arguments" or n == 1 and "one argument" or n .. " arguments"
end

-- Arguments of I, ones, zeros.
local function infer_constant(c, ast)
  local n = #ast.args
  local most = ast.name == "I" and 1 or 2
  if n < 1 or n > most then
    c:stop(
      ast,
      string.format(
        "%s takes %s, found %d",
        ast.name,
        most == 1 and "one dimension" or "one or two dimensions",
        n
      )
    )
  end
  local d = {}
  for i, arg in ipairs(ast.args) do
    d[i] = c:dimension(arg)
  end
  ast.constant = ast.name
  shape(ast, d[1], ast.name == "I" and d[1] or d[2] or ONE)
end

-- An argument that is the name of an operator with a certain flag: `expm` in frechet(expm, X, H).
local function infer_operator_name(c, ast, i, flag)
  local arg = ast.args[i]
  local var = arg.tag == "name" and lookup(c.scope, arg.name)
  local op = arg.tag == "name" and c.session.ops[arg.name]
  if var and var.kind == "operator" then
    arg.var = var
  elseif not (op and not op.gone and op[flag]) then
    local known = {}
    for name, other in pairs(c.session.ops) do
      known[#known + 1] = other[flag] and not other.gone and name or nil
    end
    table.sort(known)
    local where = string.format("argument %d of %s", i, ast.name)
    local what = flag == "matrixfunction" and "a matrix function" or "an operator that is " .. flag
    local nearest = arg.tag == "name" and source.nearest(arg.name, known)
    c:stop(
      arg,
      string.format("%s must be the name of %s", where, what),
      nearest and "did you mean " .. nearest .. "?" or "known: " .. table.concat(known, ", ")
    )
  end
  shape(arg, ONE, ONE)
end

-- The letters that count without a declaration.
local function is_index(name)
  return name:match "^[i-np-s]_?%d*$" ~= nil
end

-- Does a tree look like an index: numbers, sizes, counters, scalars and letters that count?
local function is_indexing(c, ast)
  if ast.tag == "number" then
    return true
  elseif ast.tag == "name" then
    local var = lookup(c.scope, ast.name)
    if var then
      return not var.func and var.rows == ONE and var.cols == ONE
    end
    return is_dimension(c.scope, ast.name) or (c.habit and is_index(ast.name))
  elseif ast.tag == "neg" then
    return is_indexing(c, ast[1])
  elseif ast.tag == "sum" or ast.tag == "product" then
    for _, arg in ipairs(ast.args) do
      if not is_indexing(c, arg) then
        return false
      end
    end
    return true
  end
  return false
end

-- An index: a scalar, in which undeclared letters are sizes.
local function infer_index(c, ast)
  local function claim(a)
    if a.tag == "name" and c.habit and is_index(a.name) and not name_known(c, a.name) then
      c.session.scope.dims[a.name] = true
    end
    if a.tag == "neg" then
      claim(a[1])
    end
    for _, arg in ipairs(a.args or {}) do
      claim(arg)
    end
  end
  claim(ast)
  infer(c, ast)
  if not c:is_scalar(ast) then
    c:stop(ast, "an index is a scalar, found " .. c:shape_text(ast.r, ast.c))
  end
end

-- Entries of `base`: X(i,j), and x(i) of a column or a row.
local function infer_entry(c, ast, base)
  if not c.session.ops.entry or c.session.ops.entry.gone then
    c:stop(ast, "the rules that are loaded have no operator `entry`")
  end
  infer(c, base)
  local what = base.tag == "name" and base.name or "this"
  local n = #ast.args
  local row, column = c:resolve(base.r) == ONE, c:resolve(base.c) == ONE
  if row and column then
    c:stop(ast, what .. " is a scalar; it has no entries")
  elseif n > 2 or (n == 1 and not (row or column)) then
    c:stop(
      ast,
      string.format("an entry of a %s matrix has two indices, found %d", c:shape_text(base.r, base.c), n),
      base.tag == "name" and what .. "(i,j)" or nil
    )
  end
  for k, arg in ipairs(ast.args) do
    infer_index(c, arg)
    if n == 2 and arg.text ~= "1" and (k == 1 and row or k == 2 and column) then
      c:stop(arg, string.format("%s is a %s: this index is 1", what, row and "row" or "column"))
    end
  end
  ast.base, ast.row = base, n == 1 and row
  shape(ast, ONE, ONE)
end

local function infer_operator(c, ast, op)
  local S = c.S
  if #ast.args ~= #op.params then
    c:stop(ast, string.format("%s takes %s, found %d", ast.name, arity_text(#op.params), #ast.args))
  end
  ast.operator = op
  local env = {}
  local function local_dim(d)
    if d == ONE then
      return d
    end
    for _, name in ipairs(c:names(d)) do
      env[name] = env[name] or c:unknown()
    end
    return S:dimreplace(d, env)
  end
  -- Does an argument of this size fit the parameter's? A size that is met for the first time is the argument's.
  local function fits(d, size)
    local name = c:names(d).alone
    if name and not env[name] then
      env[name] = size
      return true
    end
    return c:unify(name and env[name] or local_dim(d), size)
  end
  for i, p in ipairs(op.params) do
    if p.dimension then
      env[p.dimension] = c:dimension(ast.args[i])
    elseif p.index then
      infer_index(c, ast.args[i])
    end
  end
  for i, p in ipairs(op.params) do
    local arg = ast.args[i]
    if p.operator then
      infer_operator_name(c, ast, i, p.operator)
    elseif not (p.dimension or p.index) then
      infer(c, arg)
      if p.rows then
        if not (fits(p.rows, arg.r) and fits(p.cols, arg.c)) then
          local rows, cols = local_dim(p.rows), local_dim(p.cols)
          local found, hint = c:shape_text(arg.r, arg.c), nil
          local wanted = c:shape_text(rows, cols):gsub("%?", "n")
          local message = string.format("%s of a %s matrix: it must be %s", ast.name, found, wanted)
          if p.rows == p.cols then
            message = string.format("%s of a %s matrix: it must be square", ast.name, found)
            if op.square_hint then
              hint = op.square_hint
            end
          elseif p.cols == ONE then
            message = string.format("%s takes a column, found %s", ast.name, found)
          end
          if op.hint then
            hint = op.hint
          end
          c:stop(arg, message, hint)
        end
      end
    end
  end
  if op.same then
    shape(ast, ast.args[1].r, ast.args[1].c)
  else
    shape(ast, local_dim(op.rows), local_dim(op.cols))
  end
end

local function infer_function_call(c, ast, var)
  if #ast.args ~= 1 then
    c:stop(ast, string.format("%s takes one argument, found %d", ast.name, #ast.args))
  end
  local arg = ast.args[1]
  infer(c, arg)
  ast.var = var
  if not (c:unify(arg.r, var.arg_rows) and c:unify(arg.c, var.arg_cols)) then
    c:stop(
      arg,
      string.format(
        "the argument of %s is %s, declared %s",
        ast.name,
        c:shape_text(arg.r, arg.c),
        c:shape_text(var.arg_rows, var.arg_cols)
      )
    )
  end
  shape(ast, var.rows, var.cols)
end

-- D(u, x): a derivative. Of an unknown function it is a node of its own, in the layout in force; of anything else it
-- is worked out.
local function infer_derivative(c, ast)
  if #ast.args ~= 2 then
    c:stop(
      ast,
      string.format("D takes a function or expression and a variable, found %d arguments", #ast.args)
    )
  end
  local ok, node = pcall(c.session.elaborate_derivative, c.session, c, ast)
  if not ok then
    if type(node) == "table" and node.status and not source.is_error(node) then
      c:stop(ast, node.message)
    end
    error(node, 0)
  end
  ast.node = node
  shape(ast, c.S:rows(node), c.S:cols(node))
end

local function infer_call(c, ast)
  spell(c, ast)
  local name = ast.name
  local var = lookup(c.scope, name)
  if var and var.func then
    return infer_function_call(c, ast, var)
  elseif name == "D" then
    return infer_derivative(c, ast)
  elseif name == "d" and #ast.args == 1 then
    ast.diff = true
    infer(c, ast.args[1])
    return shape(ast, ast.args[1].r, ast.args[1].c)
  elseif name == "I" or name == "ones" or name == "zeros" then
    return infer_constant(c, ast)
  end
  local op = c.session.ops[name]
  local indexed = true
  for _, arg in ipairs(ast.args) do
    indexed = indexed and is_indexing(c, arg)
  end
  if op and not op.gone then
    return infer_operator(c, ast, op)
  elseif var and indexed then
    return infer_entry(c, ast, { tag = "name", name = name, pos = ast.pos })
  elseif var then
    c:stop(
      ast,
      string.format("%s is a %s, not a function", name, var.kind),
      string.format(
        "for a product write %s*(..); an unknown function is declared: vector %s(n) of x",
        name,
        name
      )
    )
  end
  -- X(i,j) of an undeclared X; f(i) and f(n) are more likely functions
  local kind = c.habit and M.habit(name)
  local letters = indexed and not name:match "^[fg]"
  for _, arg in ipairs(ast.args) do
    letters = letters and (arg.tag ~= "name" or name_known(c, arg.name) or arg.name:match "^[ijkl]_?%d*$")
  end
  if letters and kind and (#ast.args == 2) == (kind == "matrix") then
    return infer_entry(c, ast, { tag = "name", name = name, pos = ast.pos })
  end
  stop_unknown(c, ast, "function")
end

local function infer_sum(c, ast)
  local rows, cols
  for i, arg in ipairs(ast.args) do
    infer(c, arg)
    local first = ast.args[1]
    if i == 1 then
      rows, cols = arg.r, arg.c
    else
      local lone = not (c:is_scalar(arg) and c:is_scalar(first))
      local mixed = lone and (c:is_scalar(arg) or c:is_scalar(first))
      if mixed or not (c:unify(rows, arg.r) and c:unify(cols, arg.c)) then
        local at = ast.oppos[i] or arg
        local left, right = c:shape_text(rows, cols), c:shape_text(arg.r, arg.c)
        local hint
        if mixed then
          local big = c:is_scalar(arg) and first or arg
          local r, k = c:resolve(big.r), c:resolve(big.c)
          local function text(d)
            local t = c.S:dimtext(d)
            return t:sub(1, 1) == "?" and (d == r and "m" or "n") or t
          end
          local small = c:is_scalar(arg) and arg or first
          local number = small.tag == "number" and small.text or "s"
          local times = number == "1" and "" or number .. "*"
          if k == ONE then
            hint = string.format("did you mean %sones(%s)?", times, text(r))
          elseif r == k then
            hint =
              string.format("did you mean %sones(%s,%s) or %sI(%s)?", times, text(r), text(k), times, text(r))
          else
            hint =
              string.format("did you mean %sones(%s,%s) or %sI(%s)?", times, text(r), text(k), times, text(r))
          end
        elseif c:resolve(rows) == c:resolve(arg.c) and c:resolve(cols) == c:resolve(arg.r) then
          hint = "a transpose ' on one of the two would make them fit"
        end
        c:stop(at, string.format("a sum of %s and %s: the sizes must be equal", left, right), hint)
      end
    end
  end
  shape(ast, rows, cols)
end

local function infer_product(c, ast)
  infer(c, ast.args[1])
  local left = ast.args[1]
  local rows, cols = left.r, left.c
  ast.steps = {}
  for i = 2, #ast.args do
    local right, op = ast.args[i], ast.ops[i - 1]
    infer(c, right)
    local so_far = { r = rows, c = cols }
    local ls, rs = c:is_scalar(so_far), c:is_scalar(right)
    local at = ast.oppos[i - 1] or right
    if op == "/" and not rs then
      local name = right.tag == "name" and right.name or "B"
      local square = c:resolve(right.r) == c:resolve(right.c)
      c:stop(
        at,
        string.format("division by a %s matrix; only scalars divide", c:shape_text(right.r, right.c)),
        square and string.format("did you mean *inv(%s), or ./ entry by entry?", name)
          or "did you mean ./ entry by entry?"
      )
    elseif op == "/" or (op == "*" and (ls or rs)) or ((op == ".*" or op == "./") and (ls or rs)) then
      if ls and not (op == "/") then
        rows, cols = right.r, right.c
      end
    elseif op == "*" then
      if not c:unify(cols, right.r) then
        local hint
        if c:resolve(rows) == c:resolve(right.r) and c:resolve(right.c) == ONE and c:resolve(cols) == ONE then
          hint = "did you mean x'*y (a scalar) or x.*y (entry by entry)?"
        elseif c:resolve(cols) == c:resolve(right.c) then
          hint = "a transpose ' on the second factor would make them fit"
        elseif c:resolve(rows) == c:resolve(right.r) then
          hint = "a transpose ' on the first factor would make them fit"
        end
        c:stop(
          at,
          string.format(
            "a product of %s and %s: the inner sizes must be equal",
            c:shape_text(rows, cols),
            c:shape_text(right.r, right.c)
          ),
          hint
        )
      end
      cols = right.c
    else
      if not (c:unify(rows, right.r) and c:unify(cols, right.c)) then
        c:stop(
          at,
          string.format(
            "%s of %s and %s: the sizes must be equal",
            op,
            c:shape_text(rows, cols),
            c:shape_text(right.r, right.c)
          )
        )
      end
    end
    ast.steps[i] = { ls = ls, rs = rs }
  end
  shape(ast, rows, cols)
end

-- Is a tree made of names and numbers by + - and *? Then its names go to the list.
local function polynomial(ast, list)
  if ast.tag == "name" then
    list[#list + 1] = ast.name
  elseif ast.tag == "neg" then
    return polynomial(ast[1], list)
  elseif ast.tag ~= "number" and ast.tag ~= "sum" and ast.tag ~= "product" then
    return false
  end
  for _, part in ipairs(ast.args or {}) do
    if not polynomial(part, list) then
      return false
    end
  end
  return true
end

-- Undeclared letters that would be vectors count, as sizes do, in an exponent and in the bounds of a counted sum.
local function counts(c, ast)
  local list = {}
  for _, name in ipairs(c.habit and polynomial(ast, list) and list or {}) do
    if not name_known(c, name) and M.habit(name) == "vector" then
      c.session.scope.dims[name] = true
    end
  end
end

-- What may be meant where an exponent is no scalar.
local function exponent_hint(c, base, exponent)
  local inverse = exponent.tag == "neg"
  local letter = inverse and exponent[1] or exponent
  local var = letter.tag == "name" and lookup(c.scope, letter.name)
  if letter.tag == "name" and (letter.name == "T" or letter.name == "t") and (not var or var.undeclared) then
    return inverse and "the transposed inverse is written inv(X)'" or "the transpose is written x'"
  elseif base.tag == "name" and base.name == "e" then
    return "the exponential is written exp(x), entry by entry, or expm(X), of a matrix"
  end
  return "elementwise: .^"
end

local function infer_power(c, ast)
  local base, exponent = ast[1], ast[2]
  infer(c, base)
  if not ast.elementwise then
    counts(c, exponent)
  end
  infer(c, exponent)
  if ast.elementwise then
    if c:is_scalar(exponent) then
      return shape(ast, base.r, base.c)
    elseif c:is_scalar(base) then
      return shape(ast, exponent.r, exponent.c)
    elseif not (c:unify(base.r, exponent.r) and c:unify(base.c, exponent.c)) then
      c:stop(
        ast.oppos or ast,
        string.format(
          ".^ of %s and %s: the sizes must be equal",
          c:shape_text(base.r, base.c),
          c:shape_text(exponent.r, exponent.c)
        )
      )
    end
    return shape(ast, base.r, base.c)
  end
  if not c:is_scalar(exponent) then
    c:stop(
      ast.oppos or ast,
      string.format("the exponent is %s; it must be a scalar", c:shape_text(exponent.r, exponent.c)),
      exponent_hint(c, base, exponent)
    )
  end
  if not c:unify(base.r, base.c) then
    c:stop(
      ast.oppos or ast,
      string.format("a power of a %s matrix: it must be square", c:shape_text(base.r, base.c)),
      "elementwise: .^"
    )
  end
  shape(ast, base.r, base.c)
end

local infer_tag = {
  number = function(_, ast)
    shape(ast, ONE, ONE)
  end,
  name = infer_name,
  call = infer_call,
  entry = function(c, ast)
    for _, arg in ipairs(ast.args) do
      if not is_indexing(c, arg) then
        c:stop(
          ast.oppos,
          "expected an operator or the indices of an entry, found `(`",
          "did you mean a product (...)*(...)? An entry is (...)(i,j)"
        )
      end
    end
    infer_entry(c, ast, ast[1])
  end,
  sum = infer_sum,
  product = infer_product,
  power = infer_power,
  neg = function(c, ast)
    infer(c, ast[1])
    shape(ast, ast[1].r, ast[1].c)
  end,
  transpose = function(c, ast)
    infer(c, ast[1])
    shape(ast, ast[1].c, ast[1].r)
  end,
  sumover = function(c, ast)
    local inner = M.scope(c.scope)
    counts(c, ast.lo)
    counts(c, ast.hi)
    infer(c, ast.lo)
    infer(c, ast.hi)
    if not (c:is_scalar(ast.lo) and c:is_scalar(ast.hi)) then
      c:stop(ast, "the bounds of a counted sum must be scalars")
    end
    inner.vars[ast.var] =
      { id = c.S:symbol(ast.var, KIND.counter, 0, ONE, ONE), rows = ONE, cols = ONE, kind = "scalar" }
    local before = c.scope
    c.scope = inner
    infer(c, ast.body)
    c.scope = before
    shape(ast, ast.body.r, ast.body.c)
  end,
}

function infer(c, ast)
  local f = infer_tag[ast.tag]
  if not f then
    c:stop(ast, "an expression was expected here")
  end
  return f(c, ast)
end

-- ---------------------------------------------------------------------------------------------- names for unknown sizes

local SIZES = { "n", "m", "p", "q", "k", "r", "s", "l", "h", "w" }

-- Give the sizes that are still open a name, and the undeclared letters their nodes.
local function settle(c, root)
  local S = c.S
  for _ = 1, 3 do -- equations that had to wait
    local waiting = c.later
    c.later = {}
    for _, e in ipairs(waiting) do
      if not c:unify(e[1], e[2]) then
        c:stop(
          root,
          "the sizes do not fit: " .. S:dimtext(c:resolve(e[1])) .. " and " .. S:dimtext(c:resolve(e[2]))
        )
      end
    end
  end
  local used, next_size = {}, 1
  for _, var in ipairs(c.letters) do
    used[var.name] = true
  end
  local function claim(d)
    for _, name in ipairs(c:names(c:resolve(d))) do
      if name:sub(1, 1) == "?" and not c.fresh[name] then
        while SIZES[next_size] and (used[SIZES[next_size]] or name_known(c, SIZES[next_size])) do
          next_size = next_size + 1
        end
        local size = SIZES[next_size] or ("n" .. next_size)
        next_size = next_size + 1
        c.fresh[name] = S:dim(size)
      end
    end
  end
  -- vectors first: their length is n when it can be
  for _, kind in ipairs { "vector", "matrix" } do
    for _, var in ipairs(c.letters) do
      if var.kind == kind then
        claim(var.cols)
        claim(var.rows)
      end
    end
  end
  for i = 1, c.unknowns do
    if not c.fresh["?" .. i] then
      claim(S:dim("?" .. i))
    end
  end
  for _, e in ipairs(c.later) do
    if c:resolve(e[1]) ~= c:resolve(e[2]) then
      c:stop(
        root,
        "the sizes cannot be worked out: "
          .. S:dimtext(c:resolve(e[1]))
          .. " would have to equal "
          .. S:dimtext(c:resolve(e[2])),
        "declare the matrices with their sizes"
      )
    end
  end
  for _, var in ipairs(c.letters) do
    if not var.id then
      var.rows, var.cols = c:resolve(var.rows), c:resolve(var.cols)
      var.id = S:symbol(var.name, KIND[var.kind], 0, var.rows, var.cols)
    end
  end
end

-- ---------------------------------------------------------------------------------------------- pass 2: nodes

local build

local function build_entry(c, ast)
  local S = c.S
  local base, i = build(c, ast.base), build(c, ast.args[1])
  local j = ast.args[2] and build(c, ast.args[2]) or S:rational(1)
  if ast.row then
    i, j = j, i
  end
  return S:apply("entry", { base, i, j })
end

local function build_call(c, ast)
  local S = c.S
  if ast.base then
    return build_entry(c, ast)
  elseif ast.node then
    return ast.node
  elseif ast.constant then
    local r, k = c:resolve(ast.r), c:resolve(ast.c)
    return ast.constant == "I" and S:identity(r) or ast.constant == "ones" and S:ones(r, k) or S:zeros(r, k)
  elseif ast.diff then
    local inner = build(c, ast.args[1])
    return c.pattern and S:diffnode(inner) or c.session:total_differential(inner)
  elseif ast.var then
    return S:call(ast.var.id, build(c, ast.args[1]))
  end
  local op = ast.operator
  local args = {}
  for i, p in ipairs(op.params) do
    local arg = ast.args[i]
    if p.operator then
      args[i] = arg.var and arg.var.id or S:opname(arg.name)
    else
      args[i] = p.dimension and S:dimnode(c:resolve(c:dimension(arg))) or build(c, arg)
    end
  end
  return S:apply(op.name, args)
end

local function build_sum(c, ast)
  local S = c.S
  local terms = {}
  for i, arg in ipairs(ast.args) do
    local id = build(c, arg)
    terms[i] = ast.signs[i] < 0 and S:neg(id) or id
  end
  local id = S:sum(terms)
  if not c.pattern and #terms <= 40 then
    c.sums[#c.sums + 1] = { id = id, terms = terms }
  end
  return id
end

local function reciprocal(c, id, scalar)
  local S = c.S
  local minus_one = S:rational(-1)
  return scalar and S:power(id, minus_one) or S:elpower(id, minus_one)
end

-- Note each scalar chain in a run of factors, as w'*x, that the store keeps as its transpose.
local function note_chains(c, run)
  local S = c.S
  local links = {}
  local function is_link(id)
    return S:rows(id) ~= ONE or S:cols(id) ~= ONE
  end
  for _, id in ipairs(run) do
    if is_link(id) then
      links[#links + 1] = id
    end
    if #links > 1 and S:cols(id) == ONE and S:rows(links[1]) == ONE then
      local chain, first = S:product(links), links[1]
      first = S:op(first) == "product" and S:args(first)[2] or first
      local args = S:op(chain) == "product" and S:args(chain) or NONE
      local last = args[#args]
      if last and is_link(last) and is_link(first) and args[2] ~= first and S:transpose(last) == first then
        c.chains[#c.chains + 1] = { id = chain }
      end
      links = {}
    end
  end
end

local function build_product(c, ast)
  local S = c.S
  -- runs of * are one product: the constructor sees all factors at once
  local run = { build(c, ast.args[1]) }
  for i = 2, #ast.args do
    local op, step = ast.ops[i - 1], ast.steps[i]
    local right = build(c, ast.args[i])
    if op == "/" then
      run[#run + 1] = reciprocal(c, right, true)
    elseif op == "*" then
      run[#run + 1] = right
    else
      local left = #run > 1 and S:product(run) or run[1]
      if op == "./" then
        right = reciprocal(c, right, step.rs)
      end
      run = { S:hadamard { left, right } }
    end
  end
  if #run > 1 and not c.pattern then
    note_chains(c, run)
  end
  return #run > 1 and S:product(run) or run[1]
end

local function build_power(c, ast)
  local S = c.S
  local base, exponent = build(c, ast[1]), build(c, ast[2])
  if not ast.elementwise then
    return S:power(base, exponent)
  elseif c:is_scalar(ast[2]) then
    return S:elpower(base, exponent)
  end
  -- a matrix of exponents: exp(X.*log(A))
  return S:apply("exp", { S:hadamard { S:apply("log", { base }), exponent } })
end

local build_tag = {
  number = function(c, ast)
    return c.S:rational(ast.text)
  end,
  name = function(c, ast)
    if ast.dimension then
      return c.S:dimnode(c.S:dim(ast.name))
    elseif ast.operator then
      return c.S:apply(ast.name, {})
    elseif ast.var.func and ast.var.arg_id and not c.pattern then -- the name of a function stands for its value
      return c.S:call(ast.var.id, ast.var.arg_id)
    end
    return ast.var.id
  end,
  call = build_call,
  entry = build_entry,
  sum = build_sum,
  product = build_product,
  power = build_power,
  neg = function(c, ast)
    return c.S:neg(build(c, ast[1]))
  end,
  transpose = function(c, ast)
    return c.S:transpose(build(c, ast[1]))
  end,
  sumover = function(c, ast)
    return c.S:range(ast.var, build(c, ast.lo), build(c, ast.hi), build(c, ast.body))
  end,
}

-- A failure of the engine becomes an error at the place in the text whose node it would not make.
function build(c, ast)
  local ok, id = pcall(build_tag[ast.tag], c, ast)
  if ok then
    return id
  end
  if type(id) == "table" and id.status and not source.is_error(id) then
    local at = ast.oppos
    if type(at) == "table" then
      at = at[#at]
    end
    local place = type(at or ast) == "table" and (at or ast).pos or at
    local err = source.error { text = c.text, file = c.file, pos = place, message = id.message }
    err.status = id.status
    error(err, 0)
  end
  error(id, 0)
end

-- Trees deeper than this are built without a place for each error, so that the C stack is not used up.
local DEEP = 150

local function depth(ast, limit)
  if limit == 0 then
    return 0
  end
  local deepest = 0
  local function visit(x)
    if type(x) == "table" and x.tag and deepest < limit then
      local d = depth(x, limit - 1)
      deepest = d > deepest and d or deepest
    end
  end
  visit(ast[1])
  visit(ast[2])
  visit(ast.body)
  if ast.args then
    for _, x in ipairs(ast.args) do
      visit(x)
    end
  end
  return deepest + 1
end

local guarded = build
local function plain(c, ast)
  return build_tag[ast.tag](c, ast)
end

-- Letters that stand transposed are no scalars.
local function transposed_letters(ast, found)
  if ast.tag == "transpose" and ast[1].tag == "name" and M.habit(ast[1].name) == "scalar" then
    found[ast[1].name] = true
  end
  for i = 1, 2 do
    if type(ast[i]) == "table" then
      transposed_letters(ast[i], found)
    end
  end
  if ast.args then
    for _, arg in ipairs(ast.args) do
      transposed_letters(arg, found)
    end
  end
end

local TRIES = 64

-- Find shapes: with as few vectors among the letters a..g as possible. The error is that of the first try.
local function infer_letters(c, ast)
  local clean = { scope = c.scope, vars = c.scope.vars }
  local function try()
    c.fresh, c.wide, c.unknowns, c.later, c.letters, c.scalars, c.columns = {}, {}, 0, {}, {}, {}, {}
    c.scope = setmetatable({ vars = {}, dims = {}, outer = clean.scope.outer }, nil)
    return pcall(function()
      infer(c, ast)
      settle(c, ast)
    end)
  end
  transposed_letters(ast, c.vectors)
  local letters, met = {}, {} -- those of a try that failed are the letters up to the mistake: the next may meet more
  local function meet()
    for _, name in ipairs(c.scalars) do
      if not met[name] then
        met[name], letters[#letters + 1] = true, name
      end
    end
  end
  local ok, err = try()
  local transposed, bits = c.vectors, 1
  meet()
  while not ok and bits < 2 ^ #letters and bits <= TRIES do
    c.vectors = setmetatable({}, { __index = transposed })
    for i, name in ipairs(letters) do
      c.vectors[name] = bits >> (i - 1) & 1 == 1 or nil
    end
    if try() then
      return
    end
    meet()
    bits = bits + 1
  end
  if not ok then
    if source.is_error(err) then
      c.vectors = transposed
      for _, name in ipairs(c.columns) do
        c.taken_scalar = name
        if try() then
          local hint =
            string.format("%s is taken for a vector; if it is a scalar, declare it: scalar %s", name, name)
          err.hint = err.hint and err.hint .. "; or: " .. hint or hint
          break
        end
      end
    end
    error(err, 0)
  end
end

--- Infer, settle and build.
-- @treturn integer the node
function Context:node(ast)
  if self.habit then
    infer_letters(self, ast)
  else
    infer(self, ast)
    settle(self, ast)
  end
  build = depth(ast, DEEP) >= DEEP and plain or guarded
  return build(self, ast)
end

--- Two sides that share names and sizes, as in `lhs -> rhs`; their shapes must agree.
function Context:sides(lhs, rhs, what)
  infer(self, lhs)
  infer(self, rhs)
  if not (self:unify(lhs.r, rhs.r) and self:unify(lhs.c, rhs.c)) then
    self:stop(
      rhs,
      string.format(
        "the left side is %s, the right side %s",
        self:shape_text(lhs.r, lhs.c),
        self:shape_text(rhs.r, rhs.c)
      ),
      what
    )
  end
  settle(self, lhs)
  build = guarded
  return build(self, lhs), build(self, rhs)
end

Context.infer = infer
Context.settle = settle

function Context:build(ast)
  build = guarded
  return build(self, ast)
end

--- An expression in one entry t, lifted to the matrix X entry by entry: numbers become multiples of ones, products
-- Hadamard products, powers elementwise powers.
-- @treturn integer the node
function Context:lift(ast, name, X)
  local S = self.S
  local rows, cols = S:rows(X), S:cols(X)
  local lift -- returns node, whether it has entries
  local function entries(id, has)
    return has and id or S:product { id, S:ones(rows, cols) }
  end
  local function fold(args, signs)
    local ids, any, has = {}, false, {}
    for i, arg in ipairs(args) do
      ids[i], has[i] = lift(arg)
      any = any or has[i]
    end
    for i, id in ipairs(ids) do
      local value = any and signs and entries(id, has[i]) or id
      ids[i] = signs and signs[i] < 0 and S:neg(value) or value
    end
    return ids, any, has
  end
  function lift(a)
    if a.tag == "name" and a.name == name then
      return X, true
    elseif a.tag == "neg" then
      local id, has = lift(a[1])
      return S:neg(id), has
    elseif a.tag == "sum" then
      local ids, any = fold(a.args, a.signs)
      return S:sum(ids), any
    elseif a.tag == "product" then
      local ids, any, has = fold(a.args)
      for i, op in ipairs(a.ops) do
        if op == "/" or op == "./" then
          ids[i + 1] = reciprocal(self, ids[i + 1], not has[i + 1])
        end
      end
      return any and S:hadamard(ids) or S:product(ids), any
    elseif a.tag == "power" then
      local base, has = lift(a[1])
      local exponent, too = lift(a[2])
      if too then
        self:stop(a, "an exponent that depends on the entry is written exp(.. *log(..))")
      end
      return has and S:elpower(base, exponent) or S:power(base, exponent), has
    elseif a.tag == "call" then
      local op = self.session.ops[a.name]
      if not op or op.gone then
        stop_unknown(self, a, "function")
      elseif not op.elementwise or #a.args ~= 1 then
        self:stop(a, a.name .. " does not work entry by entry")
      end
      local id, has = lift(a.args[1])
      return S:apply(a.name, { id }), has
    elseif a.tag == "transpose" then
      self:stop(a, "one entry has no transpose")
    end
    infer(self, a)
    return build_tag[a.tag](self, a), false
  end
  local id, has = lift(ast)
  return entries(id, has)
end

return M
