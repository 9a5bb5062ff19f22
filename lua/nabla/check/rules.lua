--- What a rule, a fact, an identity states: two sides are equal, or a value has a property.
--
-- @module nabla.check.rules

local conjugates = require "nabla.check.conjugates"
local loaders = require "nabla.rules.loader"
local loops = require "nabla.rules.loops"
local meaning = require "nabla.compare.meaning"
local problem = require "nabla.check.problem"
local random_letters = require "nabla.check.random_letters"
local proof = require "nabla.check.proof"
local random_conjugates = require "nabla.compare.random_conjugates"
local random_matrix = require "nabla.compare.random_matrix"
local relation = require "nabla.check.relation"
local residue = require "nabla.exact.arithmetic"
local several_parts = require "nabla.check.several_parts"
local trees = require "nabla.language.tree"

local PROVED, FAILED, OPEN = proof.PROVED, proof.FAILED, proof.OPEN

local kinds = {}

local function sides_of(s)
  return { s.lhs, s.rhs }
end

-- The test that two sides are equal.
local function equal_sides(s)
  return function(env)
    return proof.agree(env:value(s.lhs), env:value(s.rhs))
  end
end

function kinds.rule(checker, known, st)
  return several_parts.each_case(checker, known, st, sides_of, equal_sides, true)
end

-- What D(f, x) is where a file says nothing of layouts.
local function layout_in_force(checker)
  return checker.layout or checker.default_layout or checker.session.layout
end

function kinds.prefer(checker, known, st)
  return several_parts.each_case(checker, known, st, sides_of, equal_sides, true, { layout = layout_in_force(checker) })
end

function kinds.check(checker, known, st)
  return several_parts.each_case(checker, known, st, sides_of, equal_sides, true, {
    convention = st.convention or checker.convention,
    layout = checker.layout or checker.default_layout,
    symbols = true,
  })
end

-- A tree with another one in the place of a name.
local function put_in(tree, name, value)
  if type(tree) ~= "table" then
    return tree
  elseif tree.tag == "name" and tree.name == name then
    return value
  end
  local result = {}
  for key, part in pairs(tree) do
    result[key] = put_in(part, name, value)
  end
  return result
end

--- Of an isolation: the solution put back gives the right side.
function kinds.isolate(checker, known, st)
  local back = loaders.copy(st)
  if not st.rhs then -- an expression
    back.rhs = st.gives
    return kinds.rule(checker, known, back)
  end
  for _, side in ipairs { "lhs", "rhs" } do
    local tree = put_in(st[side], st.unknown, st.gives)
    back[side] = st.second and put_in(tree, st.second, st.gives_second) or tree
  end
  return kinds.rule(checker, known, back)
end

function kinds.fail(checker, known, st)
  local all = several_parts.new()
  for _, s in ipairs(loops.unrolled(checker.session, st)) do
    local p = problem.new(checker, known, sides_of(s), s.conditions, true, true)
    local verdict, detail, how = proof.prove(p, equal_sides(s))
    if verdict == PROVED then
      return FAILED, "the two sides are equal wherever they were evaluated"
    elseif verdict == OPEN then
      return OPEN, detail
    end
    all:add(PROVED, how)
  end
  return all:result()
end

-- Is a form right for an answer in some layout, by numbers?
local function proves(checker, own, form, rhs, layout, convention)
  local p = problem.new(checker, own, { form.lhs, rhs })
  p.convention = convention
  local verdict = proof.prove(p, function(env)
    env.layout = layout
    return proof.agree(env:value(form.lhs), env:value(rhs))
  end)
  return verdict == PROVED
end

-- The declared letters of a differential that have no d(..) on the right side, as constants in other declarations: these and the
-- letters. Nil where there are none.
local function held(own, form, answer)
  if form.lhs.tag ~= "call" or form.lhs.name ~= "d" then
    return nil
  end
  local varying, others, names = {}, loaders.copy(own), {}
  trees.walk(answer.rhs, function(t)
    local name = t.tag == "call" and t.name == "d" and t.args[1] and t.args[1].name
    varying[name or ""] = true
  end)
  for _, name in ipairs(loaders.keys(trees.names(form.lhs))) do
    local d = own[name]
    if d and (d.rows or d.kind == "scalar") and not d.of and not varying[name] then
      others[name] = loaders.copy(d)
      others[name].attributes = table.move(d.attributes or {}, 1, #(d.attributes or {}), 1, {})
      table.insert(others[name].attributes, { name = "constant" })
      names[#names + 1] = name
    end
  end
  return names[1] and others, names
end

-- Which layout or convention makes a derivative right that is wrong as it is; of several the one that is defined first. By a variable
-- with a structure a convention is likelier. Nil where none does.
local function by_layout_or_convention(checker, own, form, answer, convention)
  local by = answer.layout and form.lhs.args and form.lhs.args[2]
  local d = by and own[by.name]
  local structured = d and (d.complex or d.attributes and d.attributes[1])
  for _, what in ipairs(not by and {} or structured and { "convention", "layout" } or { "layout", "convention" }) do
    for _, name in ipairs(checker.in_order[what]) do
      local layout, other = answer.layout, convention
      if what == "layout" then
        layout = name
      else
        other = name
      end
      local new = layout ~= answer.layout or other ~= convention
      if new and proves(checker, own, form, answer.rhs, layout, other) then
        return what == "layout" and "; it is right in the layout " .. name
          or string.format("; it is right by the convention %s: write convention %s after its name", name, name)
      end
    end
  end
end

-- What makes a form right that is wrong as it is: another layout, another convention, constants, or a symmetric matrix. Nothing
-- where none does.
local function remedy(checker, own, form, answer, convention)
  local constants, names = held(own, form, answer)
  if constants and proves(checker, constants, form, answer.rhs, answer.layout or "numerator", convention) then
    local text = "; it is right if %s %s declared constant: let matrix A(n,n) constant"
    return text:format(table.concat(names, " and "), #names > 1 and "are" or "is")
  end
  local by_layout = by_layout_or_convention(checker, own, form, answer, convention)
  if by_layout then
    return by_layout
  end
  for _, name in ipairs(loaders.keys(own)) do
    local d = own[name]
    local square = d.kind == "matrix" and d.rows and d.cols and d.rows.name and d.rows.name == d.cols.name
    if square and not (d.attributes and d.attributes[1]) then
      local others = loaders.copy(own)
      others[name] = loaders.copy(d)
      others[name].attributes = { { name = "symmetric" } }
      if proves(checker, others, form, answer.rhs, answer.layout or "numerator", convention) then
        return string.format("; it is right if %s is declared symmetric", name)
      end
    end
  end
  return ""
end

function kinds.identity(checker, known, st)
  local all = several_parts.new()
  for _, s in ipairs(loops.unrolled(checker.session, st)) do
    local own = loaders.copy(known)
    for _, d in ipairs(st.decls or {}) do
      own[d.name] = d
    end
    if st.decls and st.decls[1] then
      random_letters.declare(checker.session, own)
    end
    for _, form in ipairs(s.forms) do
      local list = { form.lhs, form.rhs }
      for _, answer in ipairs(form.answers or {}) do
        list[#list + 1] = answer.rhs
      end
      local p = problem.new(checker, own, list, nil, false, true)
      p.convention = st.convention or checker.convention
      for _, answer in ipairs(form.answers or { { rhs = form.rhs } }) do
        local verdict, why = proof.prove(p, function(env)
          env.layout = answer.layout or checker.layout or checker.default_layout
          return proof.agree(env:value(form.lhs), env:value(answer.rhs))
        end)
        if verdict == FAILED then
          local place = answer.layout and answer.layout .. ": " or ""
          return FAILED, place .. why .. remedy(checker, own, form, answer, p.convention)
        end
        all:add(verdict, why)
      end
    end
  end
  return all:result()
end

-- Coordinates: of the variable that the right side says, they are the coordinates.
function kinds.coordinates(checker, known, st)
  local d = loaders.copy(known[st.pattern.args[1].name])
  local others = loaders.copy(known)
  others[st.cotangent] = { name = st.cotangent, kind = "vector", attributes = {} }
  others[d.name] = d
  local p = problem.new(checker, others, { st.pattern }, st.conditions)
  return proof.prove(p, function(env)
    local v = env:value(st.pattern)
    local e = env:with { [st.cotangent] = env:random_like(v) }
    local image = e:value(st.rhs)
    for _, c in ipairs(st.conditions) do
      if not random_matrix.tests[c.name](image) then
        return false, "the right side is not " .. c.name
      end
    end
    return proof.agree(e:with({ [d.name] = image }):value(st.pattern), e.vars[st.cotangent])
  end)
end

function kinds.fact(checker, known, st)
  return several_parts.each_case(checker, known, st, function(s)
    return { s.arg }
  end, function(s)
    local own = random_conjugates.test(s.property) or random_conjugates.tests[s.property]
    local function test(v, env)
      if random_conjugates.tests[s.property] then
        return random_conjugates.shows(s.property, v, conjugates.value_exchanged(env, s.arg))
      elseif own then
        return own(v)
      end
      return meaning.test(checker.session, s.property, v)
    end
    return function(env)
      if not own and not meaning.is_stated(checker.session, { [s.property] = true }) then
        error({ open = true, message = relation.no_test(checker.session, s.property) }, 0)
      end
      local A, v = env.arithmetic, env:value(s.arg)
      if A.exact then
        if random_matrix.open[s.property] then -- a random value says too little
          residue.inexact("%s is no equation", s.property)
        end
        proof.agree(v, v) -- the degree of the equation is about that of the value
      elseif not (A:size(v) < 1e8) then
        return nil, "a value is not a number"
      end
      if test(v, env) then
        return true
      end
      return false, string.format("not %s: %s", s.property, #v <= 9 and A:text(v) or "a matrix")
    end
  end)
end

return kinds
