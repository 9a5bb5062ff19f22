-- Every table of rules/identities: each row is proved by the rules (session:check), agrees with numbers, and has a title
-- in Chinese and a source.

local lfs = require "lfs"
local nabla = require "nabla"
local complex_judge = require "spec.judge.complex"
local judge = require "spec.judge"
local syntax = require "nabla.language.syntax"
local sample = require "spec.support.sample"

local files = {}
for name in lfs.dir "rules/identities" do
  files[#files + 1] = name:match "^(.*)%.rules$"
end
table.sort(files)

-- ---------------------------------------------------------------------------------------------- rows as the judge reads them

-- A declaration as a text; of a differential, with another name and without attributes.
local function declaration(d, name)
  local sizes = {}
  for _, size in ipairs { d.rows or false, d.cols or false } do
    if size then
      sizes[#sizes + 1] = syntax.dump(size)
    end
  end
  local text = d.kind .. " " .. (name or d.name)
  text = text .. (#sizes > 0 and "(" .. table.concat(sizes, ",") .. ")" or "")
  text = text .. (d.of and " of " .. d.of or "")
  for _, attribute in ipairs(not name and d.attributes or {}) do
    if attribute.name ~= "constant" then
      text = text .. " " .. attribute.name
    end
  end
  return text
end

-- The letters i and j of single entries are indices for the judge when they are not declared.
local function declarations(identity)
  local out = {}
  for _, d in ipairs(identity.decls) do
    if not (d.kind == "scalar" and d.name:find "^[ij]$") then
      out[#out + 1] = declaration(d)
    end
  end
  return out
end

local function is_call(ast, name)
  return ast.tag == "call" and ast.name == name
end

-- The function and the variable of a first or a second derivative, for the judge.
local function derivative(lhs)
  local f, wrt = lhs.args[1], lhs.args[2]
  if not is_call(f, "D") then
    return f, wrt
  end
  return f.args[1], wrt, "hessian"
end

local function mentions_differential(ast)
  if type(ast) ~= "table" then
    return false
  elseif is_call(ast, "d") then
    return true
  end
  for _, v in pairs(ast) do
    if mentions_differential(v) then
      return true
    end
  end
  return false
end

-- Where the arguments of logarithms and roots come from.
local domains = {
  ["logarithm of a vector"] = { x = "positive" },
  ["differential of an elementwise logarithm"] = { X = "positive", tau = "small" },
  ["sum of elementwise logarithms"] = { X = "positive" },
  ["trace of a matrix square root"] = { S = "near_identity" },
  ["trace of a matrix logarithm"] = { S = "near_identity" },
  ["von Neumann entropy"] = { S = "near_identity" },
  ["second derivative of entropy"] = { x = "positive" },
  ["second derivative of a logarithm"] = { x = "positive", a = "positive" },
}

-- d(E) == R as a derivative by a scalar: every X that varies becomes X + tau*dX, every d(X) becomes dX.
local function along_a_line(identity, form)
  local varies, decl = {}, { "scalar tau" }
  for _, d in ipairs(identity.decls) do
    local constant = false
    for _, attribute in ipairs(d.attributes) do
      constant = constant or attribute.name == "constant"
    end
    varies[d.name] = not constant
    decl[#decl + 1] = declaration(d)
    decl[#decl + 1] = declaration(d, "d" .. d.name)
  end
  local function moved(ast)
    if type(ast) ~= "table" then
      return ast
    elseif ast.tag == "name" and varies[ast.name] then
      return { tag = "name", name = ("(%s + tau*d%s)"):format(ast.name, ast.name) }
    elseif is_call(ast, "d") then
      assert(ast.args[1].tag == "name", "a differential of a variable")
      return { tag = "name", name = "d" .. ast.args[1].name }
    end
    local copy = {}
    for k, v in pairs(ast) do
      copy[k] = moved(v)
    end
    return copy
  end
  return judge.check {
    decl = decl,
    expr = syntax.dump(moved(form.lhs.args[1])),
    wrt = "tau",
    domain = domains[identity.name],
    layout = "numerator",
    answer = syntax.dump(moved(form.rhs)),
  }
end

local COMPLEX = { complex = true, hermitian = true, skewhermitian = true, unitary = true, hpsd = true, hpd = true }

-- Does an identity hold complex letters?
local function is_complex(identity)
  for _, d in ipairs(identity.decls) do
    for _, attribute in ipairs(d.attributes) do
      if COMPLEX[attribute.name] then
        return true
      end
    end
  end
  return false
end

-- The same of complex letters.
local function right_of_complex(identity, form, stated)
  local list = {}
  for i, d in ipairs(identity.decls) do
    list[i] = declaration(d)
  end
  local decl = table.concat(list, ", ")
  if not form.answers then
    return complex_judge.same(syntax.dump(form.lhs), syntax.dump(form.rhs), decl)
  end
  local f, wrt, op = derivative(form.lhs)
  local first = op and form.lhs.args[1].args[2]
  return complex_judge.check {
    decl = decl,
    expr = syntax.dump(f),
    wrt = syntax.dump(op and first or wrt),
    wrt2 = op and syntax.dump(form.lhs.args[2]),
    turned = stated.layout == "denominator" and op,
    layout = stated.layout,
    convention = identity.convention,
    answer = syntax.dump(stated.rhs),
  }
end

-- Is what a form states right by numbers?
local function right(identity, form, stated)
  if is_complex(identity) then
    return right_of_complex(identity, form, stated)
  end
  if not form.answers then
    if mentions_differential(form.rhs) or is_call(form.lhs, "d") then
      return along_a_line(identity, form)
    end
    return judge.same(syntax.dump(form.lhs), syntax.dump(form.rhs), declarations(identity))
  end
  local f, wrt, op = derivative(form.lhs)
  return judge.check {
    decl = declarations(identity),
    domain = domains[identity.name],
    expr = syntax.dump(f),
    wrt = syntax.dump(wrt),
    op = op,
    layout = stated.layout,
    answer = syntax.dump(stated.rhs),
  }
end

-- ---------------------------------------------------------------------------------------------- the tables

local all = assert(nabla.new { rules = { "identities.rules" } })

-- The rows of a file, by name.
local rows = {}
for _, name in ipairs(all.identity_order) do
  local file = all.identities[name].file:match "([^/]*)%.rules$"
  rows[file] = rows[file] or {}
  table.insert(rows[file], name)
end

for _, file in ipairs(files) do
  describe("rules/identities/" .. file .. ".rules", function()
    it("is one table, with a title in both languages and a source", function()
      local s = assert(nabla.new { rules = { "identities/" .. file .. ".rules" } })
      assert.same({ file }, s.table_order)
      local heading = s.tables[file]
      assert.is_truthy(heading.title and heading.cite and heading.zh and heading.zh:find "[\xE3-\xE9]")
      assert.is_true(#s.identity_order >= 5)
    end)

    for _, name in ipairs(sample.of(rows[file] or {})) do
      local identity = all.identities[name]

      it("proves " .. name, function()
        assert.equal(file, identity.table)
        local proved, why = all:check(name)
        assert.is_true(proved, why and tostring(why))
      end)

      it("names " .. name .. " in Chinese, with its source", function()
        assert.is_truthy(identity.zh and identity.zh:find "[\xE3-\xE9]")
        assert.is_truthy(identity.cite and #identity.cite > 0)
      end)

      it("states " .. name .. " rightly by numbers", function()
        all:check(name) -- reads it
        for _, form in ipairs(identity.forms) do
          for _, stated in ipairs(form.answers or { form }) do
            local good, trouble = right(identity, form, stated)
            assert.is_true(good, tostring(stated.layout) .. ": " .. tostring(trouble))
          end
        end
      end)
    end
  end)
end

describe("rules/identities.rules", function()
  it("reads every table", function()
    for _, file in ipairs(files) do
      assert.is_table(rows[file], file)
    end
    assert.equal(#files, #all.table_order)
  end)

  it("leaves its rows as they are until they are asked for", function()
    local s = assert(nabla.new { rules = { "identities.rules" } })
    assert.is_nil(s.identities["trace of a square"].forms)
    assert.is_true(s:check "trace of a square")
    assert.is_table(s.identities["trace of a square"].forms)
  end)

  it("is not read by a session that does not ask for it", function()
    assert.same({}, assert(nabla.new()).identity_order)
  end)
end)

describe("session:check", function()
  local function checked(text)
    local s = assert(nabla.new())
    assert(s:rule(text))
    return s:check "stated"
  end

  it("refuses an identity that is wrong in one layout", function()
    local proved, why = checked [[
      identity "stated"
        let vector x(n), matrix A(n,n)
        D(x'*A*x, x)   numerator    x'*(A + A')
                       denominator  2*A*x
    ]]
    assert.is_false(proved)
    assert.equal("denominator: (A + A')*x, stated 2*A*x", why)
  end)

  it("refuses the rows of the table that are printed wrong", function()
    for _, row in ipairs {
      "vector y(m) of x, vector z(m) of x; D(y(x)'*z(x), x) denominator D(z,x)*z(x) + D(y,x)*y(x)",
      "vector a(n), vector b(n); D(a'*x*x'*b, x) numerator (a*b' + b*a')*x",
    } do
      local decls, statement = row:match "^(.*); (.*)$"
      assert.is_false((checked('identity "stated"\n  let vector x(n), ' .. decls .. "\n  " .. statement)))
    end
  end)

  it("proves equations between two expressions", function()
    assert.is_true(checked 'identity "stated"\n  let matrix A(m,n), matrix B(n,m)\n  tr(A*B) == tr(B*A)')
    assert.is_false((checked 'identity "stated"\n  let matrix A(n,n), matrix B(n,n)\n  A*B == B*A'))
  end)

  it("raises an error at the caller for an unknown name", function()
    local s = assert(nabla.new())
    assert.has_error(function()
      s:check "nothing"
    end, "there is no identity 'nothing'")
  end)
end)
