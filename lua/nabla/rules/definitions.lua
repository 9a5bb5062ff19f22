--- Statements that define names: `operator`, `function`, `attribute`.
--
-- A definition is carried out in two steps. First all names of a file reach the engine (`define`: the shapes of the
-- arguments and of the result, the algebra, the print forms), so that definitions may use each other in any order. Then
-- a function gets its rules: its body, which replaces it, and its derivative or its differential. Invariant: an
-- operator is defined once; the size of its result follows from its arguments; a function does not
-- occur in its own body.
--
-- @module nabla.rules.definitions

local function_bodies = require "nabla.compare.function_bodies"
local core = require "nabla.core"
local loaders = require "nabla.rules.loader"
local overloads = require "nabla.language.overloads"
local paths = require "nabla.rules.paths"
local properties = require "nabla.rules.properties"
local random_matrix = require "nabla.compare.random_matrix"
local retire = require "nabla.rules.retire"
local refusals = require "nabla.rules.refusals"
local scopes = require "nabla.language.scope"
local trees = require "nabla.language.tree"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KINDS = loaders.kinds
local copy, keys, names_of = loaders.copy, loaders.keys, loaders.names_of

-- Names of the language, which elaborate knows by itself.
local RESERVED = { I = true, ones = true, zeros = true, D = true, d = true }

-- ---------------------------------------------------------------------------------------------- signatures

-- The parameters: an index, with sizes of their own, a size themselves (a name that a size mentions), or of any shape.
local function parameters(loader, c, st)
  local sizes, seen, params = {}, {}, {}
  for _, sized in ipairs { st.result or {}, table.unpack(st.params or {}) } do
    for _, name in ipairs(names_of(sized.cols, names_of(sized.rows))) do
      sizes[name] = true
    end
  end
  for _, p in ipairs(st.params or {}) do
    if seen[p.name] then
      loader:stop(p, "the parameter " .. p.name .. " is there twice", "give each parameter a name of its own")
    end
    seen[p.name] = true
  end
  for i, p in ipairs(st.params or {}) do
    if p.kind == "index" then
      params[i] = { name = p.name, index = p.name, rows = p.rows and c:dimension(p.rows) }
    elseif p.rows then
      params[i] = { name = p.name, rows = c:dimension(p.rows), cols = p.cols and c:dimension(p.cols) or ONE }
    elseif p.kind == "scalar" then
      params[i] = { name = p.name, rows = ONE, cols = ONE }
    elseif sizes[p.name] then
      params[i] = { name = p.name, dimension = p.name }
    else
      params[i] = { name = p.name }
    end
    params[i].linear = p.linear
    if p.of then
      params[i] = { name = p.name, operator = p.of }
      if not properties.known[p.of] then
        loader:stop(p, "a parameter that is the name of an operator says of which: matrixfunction " .. p.name)
      end
    end
  end
  return params
end

-- The sizes of the result are made of those of the arguments.
local function check_result(loader, st, op)
  local S = loader.session.S
  local bound = {}
  for _, p in ipairs(op.params) do
    if p.dimension then
      bound[p.dimension] = true
    end
    for _, d in ipairs { not p.index and p.rows or nil, p.cols } do
      for _, name in ipairs(S:dimnames(d)) do
        bound[name] = true
      end
    end
  end
  for _, d in ipairs { op.rows, op.cols } do
    for _, name in ipairs(S:dimnames(d)) do
      if not bound[name] then
        loader:stop(
          trees.find({ st.result.rows, st.result.cols }, name) or st,
          string.format("the size %s of the result does not follow from the arguments", name),
          string.format("name it at the parameter that has it, such as X(m,%s), or make it a parameter", name)
        )
      end
    end
  end
end

-- What is wrong with the braces of a LaTeX text, or nil.
local function unbalanced(text)
  local depth = 0
  for brace in text:gsub("\\.", ""):gmatch "[{}]" do
    depth = depth + (brace == "{" and 1 or -1)
    if depth < 0 then
      return "} that closes nothing"
    end
  end
  return depth > 0 and "{ that is not closed" or nil
end

-- A print form names only arguments that there are: %1, %2, ..
local function check_templates(loader, st)
  for _, kind in ipairs { "unicode", "latex" } do
    local foreign = (st[kind] or ""):match "[#$]%d"
    if foreign then
      loader:stop(st, string.format("the %s form has %s", kind, foreign), "the first argument of a form is %1")
    end
    local open = kind == "latex" and unbalanced(st.latex or "")
    if open then
      loader:stop(st, "the latex form has a " .. open, "each { has its }; a brace that is printed is written \\{")
    end
    for number in (st[kind] or ""):gmatch "%%(%d)" do
      if tonumber(number) > #(st.params or {}) or number == "0" then
        local count = #(st.params or {})
        loader:stop(
          st,
          string.format(
            "the %s form has %%%s; %s has %d argument%s",
            kind,
            number,
            st.name,
            count,
            count == 1 and "" or "s"
          ),
          count > 0 and "the last argument is %" .. count or "an operator without arguments is written as it is"
        )
      end
    end
  end
end

-- A function of entries that takes several: to the engine one of matrices of one size.
local function of_entries(loader, st, op)
  local S = loader.session.S
  for i, p in ipairs(op.params) do
    if p.rows or p.dimension or p.index or p.operator then
      loader:stop(
        st.params[i],
        "each argument of an elementwise function is an entry: its name alone",
        string.format("%s(s, t) elementwise", st.name)
      )
    end
    p.rows, p.cols = S:dim "m", S:dim "n"
  end
  op.elementwise, op.spreads, op.transpose_equivariant = nil, true, true
  op.rows, op.cols = S:dim "m", S:dim "n"
end

-- What a function without sizes may be meant to be.
local function of_each_entry(st)
  local names = {}
  for i, p in ipairs(st.params) do
    if p.rows or p.kind == "scalar" or p.kind == "index" then
      return ""
    end
    names[i] = p.name
  end
  local call = string.format("%s(%s)", st.name, table.concat(names, ", "))
  return names[1] and "; a function of each entry: function " .. call .. " elementwise = .." or ""
end

-- The operator that a statement declares, in the form of store:operator.
local function signature(loader, st)
  local c = loader:context(scopes.scope())
  properties.check_known(loader, st)
  check_templates(loader, st)
  local op = {
    name = st.name,
    unicode = st.unicode,
    latex = st.latex,
    infix = st.infix,
    title = st.title,
    also = st.also,
    cite = st.cite,
    zh = st.zh,
    titles = st.titles,
    pos = st.pos,
    line = st.line,
    file = loader.file,
    standard = paths.is_own(loader.file) or nil, -- other modules have its value by its name
    stands_for_body = st.kind == "function" and st.body and not st.derivative and not st.differential or nil,
    has_value = st.kind == "operator" and st.body ~= nil or nil, -- its body is a value by numbers, and no rule
  }
  for flag in pairs(st.flags or {}) do
    op[flag] = true
  end
  op.linear = op.linear or op.bilinear
  op.params = parameters(loader, c, st)
  local result = st.result
  if op.elementwise and #op.params > 1 then
    of_entries(loader, st, op)
    return op
  end
  op.same = op.elementwise or (result and result.kind == "same") or false
  if op.same then
    if #op.params == 0 then
      loader:stop(st, "an elementwise operator needs an argument")
    end
  elseif not result then
    loader:stop(
      st,
      "the shape of the result is missing",
      string.format(
        "%s %s(..): scalar, or : vector (n), or : matrix (m,n)%s",
        st.kind,
        st.name,
        st.kind == "function" and (", and then = and the body" .. of_each_entry(st)) or ""
      )
    )
  else
    op.rows = result.rows and c:dimension(result.rows) or ONE
    op.cols = result.cols and c:dimension(result.cols) or ONE
    check_result(loader, st, op)
  end
  return op
end

-- What to do where an operator of nabla has the name: a definition with a print form may want another form only.
local function hint_on_shipped(st)
  local kind = st.latex and "latex" or st.unicode and "unicode"
  local own = string.format('take it away first: without operator "%s"', st.name)
  if not kind then
    return own
  end
  local other = 'to print it otherwise write notation %s %s "%s"; to define it anew '
  return other:format(st.name, kind, st[kind]) .. own
end

-- A name that is taken: the definition shares it if calls of the two can be told apart, and has another in the engine.
local function share_name(loader, st, op)
  local session = loader.session
  local clash = overloads.clash(session, st.name, op)
  if clash then
    loader:stop(
      st,
      string.format("%s is defined already (%s:%d)", st.name, clash.file or "text", clash.line or 0),
      clash.standard and hint_on_shipped(st)
        or "two operators of one name differ in the number of their arguments, or in the shape of one: "
          .. "x(n) and A(m,n); else give this one another name"
    )
  end
  local count = 2
  local name = overloads.inner_name(st.name, count)
  while session.ops[name] and not session.ops[name].gone do
    count = count + 1
    name = overloads.inner_name(st.name, count)
  end
  op.name, op.shown = name, st.name
  overloads.share(session, st.name, op)
end

--- Make the name of an `operator` or a `function` known: the first step, for all definitions of a file.
function M.define(loader, st)
  if RESERVED[st.name] then
    loader:stop(st, st.name .. " is a name of the language and cannot be defined anew", "give it another name")
  end
  local session = loader.session
  local op = signature(loader, st)
  local old = session.ops[st.name]
  if old and old.replaceable and not old.gone and old.file ~= loader.file then
    retire.operator(loader, st, old)
    old = nil
  end
  if old and not old.gone then
    share_name(loader, st, op)
  end
  st.operator = op.name
  properties.check_forms(loader, st, op)
  op.number = session.S:operator(op)
  session.ops[op.name] = op
  if st.also then
    overloads.share(session, st.also, op)
  end
end

--- The operator that a statement defines, once it is defined.
function M.of_statement(session, st)
  return session.ops[st.operator or st.name]
end

--- `operator`: nothing is left to do after `define`.
-- ---------------------------------------------------------------------------------------------- functions

-- A function cannot occur in its own body.
local function check_body(loader, st, op)
  local S = loader.session.S
  for _, x in ipairs(S:postorder(op.body)) do
    local name, builtin = S:op(x)
    if name == op.name and not builtin then
      loader:stop(
        trees.find(st.body, st.name) or st.body,
        string.format("the body of %s uses %s: it would not come to an end", st.name, st.name),
        "a function is defined by others; a recursion is written as rules with a condition"
      )
    end
  end
end

-- The body, the derivative and the differential that a function states go together.
local function check_parts(loader, st, op)
  if not (st.body or st.derivative or st.differential) then
    loader:stop(
      st,
      string.format("the function %s has no body, derivative or differential", st.name),
      "an operator without one is declared: operator " .. st.name .. "(..)"
    )
  elseif (op.elementwise or op.spreads) and st.differential then
    loader:stop(
      st.differential,
      "an elementwise function has the derivative of one entry, not a differential",
      string.format("derivative .. in place of d(%s(..)) = ..", st.name)
    )
  elseif st.derivative and not (op.elementwise or op.spreads) then
    loader:stop(
      st.derivative,
      "only an elementwise function has the derivative of one entry",
      string.format("d(%s(..)) = .., or the word elementwise before the =", st.name)
    )
  elseif op.elementwise and #op.params == 0 then
    loader:stop(st, "an elementwise function takes an entry of a matrix", string.format("function %s(t) ..", st.name))
  elseif st.derivative and #op.params ~= 1 + #(st.derivatives or {}) then
    loader:stop(
      st.derivatives and st.derivatives[1] or st.derivative,
      string.format("%s has %d arguments and %d derivatives", st.name, #op.params, 1 + #(st.derivatives or {})),
      "derivative .., .. states one by each argument, in their order"
    )
  end
end

-- A rule that writes the body of a function that keeps its name: it does not act, but where the body is wanted.
local function keep_unfolding(loader, st, op)
  local rule = { name = "body of " .. op.name, line = st.line, pos = st.pos }
  rule.kind, rule.title, rule.zh, rule.titles = st.kind, st.title, st.zh, st.titles
  op.unfold = loader:add_rule(rule, { kind = KINDS.algebra, lhs = op.applied, rhs = op.body })
  loader.session.S:rule_restore(op.unfold, true)
end

-- d(f(X)) = f'(X).*d(X), with the body and the derivative of one entry lifted to a matrix X; of several entries the sum over
-- the arguments.
local function elementwise(loader, st, op)
  local session = loader.session
  local S = session.S
  local c = loader:context(scopes.scope(session.constants), true)
  local m, n = S:dim "m", S:dim "n"
  local args, matrices = {}, {}
  for i, p in ipairs(op.params) do
    args[i] = S:variable(#op.params == 1 and "X" or "X" .. i, core.constants.kinds.matrix, i - 1, m, n)
    matrices[p.name] = args[i]
  end
  local fX = S:apply(op.number, args)
  op.applied = fX
  if op.spreads then
    op.whole = fX
  end
  if st.derivative then
    local terms = {}
    for i, X in ipairs(args) do
      local slope = c:lift(i == 1 and st.derivative or st.derivatives[i - 1], matrices, m, n)
      terms[i] = S:hadamard { slope, S:diffnode(X) }
      op.slope = #args == 1 and slope or nil
    end
    op.keep_slope = op.slope and S:handle(op.slope) -- evaluation reads it
    loader:add_rule(st, { kind = KINDS.differential, lhs = S:diffnode(fX), rhs = S:sum(terms) })
  end
  if st.body then
    op.body = c:lift(st.body, matrices, m, n) -- held by the rule below
    if not st.derivative then
      check_body(loader, st, op)
    end
    if op.stands_for_body then
      loader:add_rule(st, { kind = KINDS.algebra, lhs = fX, rhs = op.body })
    else
      keep_unfolding(loader, st, op)
    end
  end
end

-- The function applied to a variable for each of its parameters.
local function applied(loader, op, scope)
  local S = loader.session.S
  local args = {}
  for i, p in ipairs(op.params) do
    if p.dimension then
      args[i] = S:dimnode(S:dim(p.dimension))
    elseif p.rows or p.index then
      args[i] = scopes.lookup(scope, p.name).id
    else
      local rows, cols = S:dim("rows of " .. p.name), S:dim("columns of " .. p.name)
      args[i] = scope:variable(p.name, "matrix", rows, cols).id
    end
  end
  return S:apply(op.number, args)
end

-- A function of whole arguments: f(..) -> body, or d(f(..)) -> differential.
local function whole(loader, st, op)
  local S = loader.session.S
  local scope = loader:variables()
  local c = loader:context(scope, true)
  local left = applied(loader, op, scope)
  op.applied = left
  local function side(ast)
    local found = c:infer(ast)
    if not (c:unify(found.rows, S:rows(left)) and c:unify(found.cols, S:cols(left))) then
      local declared = c:shape_text { rows = S:rows(left), cols = S:cols(left) }
      local hint
      if st.differential and ast == st.differential.rhs then
        hint = not trees.find(ast, "d") and "each term of a differential has one d(..) as a factor" or nil
      else
        hint = "the result is stated behind the colon: scalar, vector (n) or matrix (m,n)"
      end
      loader:stop(ast, string.format("this is %s; %s is declared %s", c:shape_text(found), st.name, declared), hint)
    end
    c:settle(ast)
    return c:build(ast)
  end
  if st.body then
    op.body = side(st.body)
    loader:check_bound(left, op.body, st.body)
    if not st.differential then
      check_body(loader, st, op)
    end
    op.whole = left
    if not op.stands_for_body then
      keep_unfolding(loader, st, op) -- its rule holds both sides, which evaluation reads
    elseif st.differential then
      op.keep = { S:handle(op.body), S:handle(left) }
    end
  end
  if st.differential then
    local lhs = st.differential.lhs
    local inner = lhs.tag == "call" and lhs.name == "d" and lhs.args[1]
    if not (inner and inner.tag == "call" and inner.name == st.name) then
      loader:stop(
        lhs,
        "the differential of " .. st.name .. " was expected: d(" .. st.name .. "(..)) = ..",
        "what a file states of another function stands below that one, or is a rule of its own"
      )
    end
    c:infer(lhs)
    local differential = c:build(lhs)
    local rhs = side(st.differential.rhs)
    local unfolds = op.unfold and not (op.member or op.lone_member) -- these have adjoints of their own
    rhs = unfolds and function_bodies.differentials_written_out(loader.session, op, rhs) or rhs
    refusals.check_rewrite(loader, st.differential, differential, rhs, KINDS.differential, {})
    loader:check_bound(differential, rhs, st.differential.rhs)
    loader:add_rule(st, { kind = KINDS.differential, lhs = differential, rhs = rhs })
  elseif op.stands_for_body then
    loader:add_rule(st, { kind = KINDS.algebra, lhs = left, rhs = op.body })
  end
end

-- The parameters that have a shape, as declarations: they hide those of `let`.
local function parameter_declarations(st)
  local decls = {}
  for _, p in ipairs(st.params) do
    if p.kind == "index" then
      decls[p.name] = { name = p.name, kind = "scalar", pos = st.pos }
    elseif p.rows or p.kind == "scalar" then
      local kind = (p.kind == "vector" or p.kind == "scalar") and p.kind or "matrix"
      decls[p.name] = { name = p.name, kind = kind, rows = p.rows, cols = p.cols, pos = st.pos }
    end
  end
  return decls
end

-- What a definition states of its whole arguments, or of one entry.
local function define_body(loader, st)
  local op = M.of_statement(loader.session, st)
  if op.elementwise or op.spreads then
    elementwise(loader, st, op)
  else
    local outer = loader.decls
    loader.decls = setmetatable(parameter_declarations(st), { __index = outer })
    whole(loader, st, op)
    loader.decls = outer
  end
end

--- `function`, once its name is known: its rules.
M["function"] = function(loader, st)
  check_parts(loader, st, M.of_statement(loader.session, st))
  define_body(loader, st)
end

-- ---------------------------------------------------------------------------------------------- algebra of an operator

-- A rule between two trees in the name A, whose shape follows from the operator's.
local function algebra_rule(loader, st, name, zh, lhs, rhs)
  local session = loader.session
  local S = session.S
  local scope = scopes.scope(session.constants)
  local c = loader:context(scope, true)
  local var = { name = "A", kind = "matrix", rows = c:unknown(), cols = c:unknown() }
  scope.vars.A = var
  local a, b = c:infer(lhs), c:infer(rhs)
  if not (c:unify(a.rows, b.rows) and c:unify(a.cols, b.cols)) then
    loader:stop(st, string.format("%s: the shapes of both sides differ", name))
  end
  c:settle(lhs)
  var.id = S:variable("A", core.constants.kinds.matrix, 0, c:resolve(var.rows), c:resolve(var.cols))
  local rule = { name = name, zh = zh, line = st.line, pos = st.pos }
  loader:add_rule(rule, { kind = KINDS.algebra, lhs = c:build(lhs), rhs = c:build(rhs) })
end

-- An antilinear operator, such as a conjugate, takes a matrix of any size to one of the same size.
local function check_antilinear(loader, st)
  local param, op = st.params[1], M.of_statement(loader.session, st)
  local open = param.rows and param.rows.tag == "name" and (not param.cols or param.cols.tag == "name")
  if not open or op.rows ~= op.params[1].rows or op.cols ~= op.params[1].cols then
    loader:stop(
      st.flagpos.antilinear,
      "an antilinear operator takes a matrix of any size to one of the same size",
      string.format("operator %s(A(m,n)): matrix (m,n)  antilinear", st.name)
    )
  end
end

--- `operator`, once all names are known: its value by numbers, and the rules that its algebra means. What `assoc` and `comm` say the
-- engine does by itself, when a node is made.
function M.operator(loader, st)
  if st.body then -- a value by numbers, which no rule writes
    define_body(loader, st)
  end
  local function leaf(name)
    return { tag = "name", name = name, pos = st.pos }
  end
  local function call(...)
    return { tag = "call", name = st.operator, args = { ... }, pos = st.pos }
  end
  local A = leaf "A"
  local function arity(n, flag)
    if #st.params ~= n then
      loader:stop(
        st,
        string.format("an operator that is %s takes %d argument%s", flag, n, n == 1 and "" or "s"),
        flag == "antilinear" and "state its rules, such as inner(c*A, B) -> conj(c)*inner(A, B)" or nil
      )
    end
  end
  if st.flags.assoc or st.flags.comm then
    arity(2, st.flags.assoc and "assoc" or "comm")
  end
  if st.flags.antilinear then
    if st.flags.linear then
      loader:stop(st.flagpos.antilinear, "an operator is linear or antilinear, not both")
    end
    arity(1, "antilinear")
    check_antilinear(loader, st)
  end
  if st.flags.involution then
    arity(1, "an involution")
    algebra_rule(loader, st, "involution " .. st.name, st.name .. " 的对合性", call(call(A)), A)
  end
end

-- ---------------------------------------------------------------------------------------------- attributes

-- Has a session read any of nabla's own files? A copy of them, which somebody edits, may be read in their place.
local function has_own_rules(session)
  for file in pairs(session.files) do
    if paths.is_own(file) then
      return true
    end
  end
  return false
end

-- An attribute of complex letters has rules of nabla's own, which another meaning would make wrong.
local function check_real(loader, st)
  local implied = loader.session.implications[st.name] or {}
  local excluded = loader.session.exclusions[st.name] or {}
  if (implied.complex or excluded.complex or st.name == "complex") and not paths.is_own(loader.file)
    and has_own_rules(loader.session)
  then
    loader:stop(
      st,
      string.format("%s is an attribute of complex letters already", st.name),
      "give this one another name; of real matrices, hermitian is symmetric and unitary orthogonal"
    )
  end
end

--- `attribute`, once the names of a file's attributes are registered.
function M.attribute(loader, st)
  local session = loader.session
  check_real(loader, st)
  local implies = session.implications[st.name] and copy(session.implications[st.name]) or {}
  for _, name in ipairs(st.implies or {}) do
    loader:known_attribute(name, st)
    implies[name] = true
  end
  local excludes = session.exclusions[st.name] and copy(session.exclusions[st.name]) or {}
  for _, name in ipairs(st.excludes or {}) do
    loader:known_attribute(name, st)
    excludes[name] = true
  end
  session.implications[st.name], session.exclusions[st.name] = implies, excludes
  local known = copy(session.attributes[st.name])
  known.title, known.zh, known.cite = st.title or known.title, st.zh or known.zh, st.cite or known.cite
  known.titles = st.titles or known.titles
  known.with = st.with or known.with
  session.attributes[st.name] = known
  session.assumed[st.name] = st.assumed or session.assumed[st.name]
  session.square_attributes[st.name] = st.square or session.square_attributes[st.name]
  session.inherited_attributes[st.name] = st.inherited or session.inherited_attributes[st.name]
  if st.inherited then
    session:inherit(false)
  end
end

-- The declared matrix or vector that the meaning of an attribute is about: the only one in its conditions.
local function about(loader, st)
  local found
  for _, name in ipairs(names_of(st.means)) do
    local d = loader.decls[name]
    if d and (d.kind == "matrix" or d.kind == "vector") then
      if found and found ~= d then
        loader:stop(
          trees.find(st.means, name),
          string.format("a meaning is about one matrix; here are %s and %s", found.name, name)
        )
      end
      found = d
    end
  end
  return found
    or loader:stop(
      st.means[1],
      "a meaning is about a declared matrix or vector",
      string.format("declare one above, with its sizes: let matrix T(m,n); attribute %s means ..", st.name)
    )
end

-- Its sizes are names, each its own row or column, or numbers.
local function check_sizes(loader, d)
  for _, size in ipairs { d.rows or false, d.cols or d.kind == "vector" and d.rows or false } do
    if not size or size.tag ~= "name" and size.tag ~= "number" then
      loader:stop(
        size or d,
        string.format("the sizes of %s, which a meaning is about, are names or numbers", d.name),
        string.format("declare it so: let matrix %s(m,n)", d.name)
      )
    end
  end
end

--- `attribute .. means ..`, once what `let` declares above it is known: what the attribute means by numbers. No rule uses it; `nabla
-- check` proves with it what rule files state of the attribute.
function M.meaning(loader, st)
  if not st.means then
    return
  elseif random_matrix.tests[st.name] then
    loader:stop(st.means[1], st.name .. " has a meaning by numbers already", "give the attribute another name")
  end
  local session = loader.session
  local d, S = about(loader, st), session.S
  check_sizes(loader, d)
  local meaning = { variable = d, nodes = {}, handles = {}, conditions = {}, file = loader.file, line = st.line }
  local function add(id)
    meaning.nodes[#meaning.nodes + 1] = id
    meaning.handles[#meaning.handles + 1] = S:handle(id)
    return #meaning.nodes
  end
  for i, ast in ipairs(st.means) do
    local condition = ast.tag == "not" and ast[1] or ast
    local c = loader:context(loader:symbols(loader:declarations_of { condition }))
    if condition.tag == "compare" then
      local left, right = c:sides(condition[1], condition[2])
      local scalar = S:rows(left) == ONE and S:cols(left) == ONE
      meaning.conditions[i] = { op = condition.op, a = add(left), b = add(right) }
      if condition.op ~= "==" and condition.op ~= "!=" and not scalar then
        loader:stop(
          condition,
          "only scalars are compared by " .. condition.op,
          string.format("for each entry: nonnegative(%s), positive(%s)", d.name, d.name)
        )
      end
    else
      loader:known_attribute(condition.name, condition.pos)
      meaning.conditions[i] = { property = condition.name, a = add(c:node(condition.args[1])) }
    end
    meaning.conditions[i].negated = ast.tag == "not"
  end
  session.meanings = copy(session.meanings)
  session.meanings[st.name] = meaning
end

--- Once all attributes of a file are carried out: each gets the bits of all that it implies.
function M.imply(loader)
  local session = loader.session
  for name in pairs(session.attributes) do
    session:attribute(name, keys(loader:implied(name)))
  end
end

return M
