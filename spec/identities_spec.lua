-- Every identity of rules/identities is proved by the differential rules (session:check), agrees with numbers, and
-- has a title in Chinese and a source.

local nabla = require "nabla"
local judge = require "spec.support.judge"
local syntax = require "nabla.syntax"

local files = { ["scalar-by-vector"] = 19, ["vector-by-vector"] = 10 } -- and how many identities each holds

-- The declarations of an identity as a text, and a tree as a text that the judge reads.
local function declarations(identity)
  local out = {}
  for _, d in ipairs(identity.decls) do
    local sizes = {}
    for _, size in ipairs { d.rows or false, d.cols or false } do
      if size then
        sizes[#sizes + 1] = syntax.dump(size)
      end
    end
    local text = d.kind .. " " .. d.name .. (#sizes > 0 and "(" .. table.concat(sizes, ",") .. ")" or "")
    for _, attribute in ipairs(d.attributes or {}) do
      text = text .. " " .. attribute.name
    end
    out[#out + 1] = text .. (d.of and " of " .. d.of or "")
  end
  return out
end

for file, count in pairs(files) do
  describe("rules/identities/" .. file .. ".rules", function()
    local s = assert(nabla.new { rules = { "identities/" .. file .. ".rules" } })

    it("holds " .. count .. " identities", function()
      assert.equal(count, #s.identity_order)
    end)

    for _, name in ipairs(s.identity_order) do
      local identity = s.identities[name]

      it("proves " .. name, function()
        local proved, why = s:check(name)
        assert.is_true(proved, why and tostring(why))
      end)

      it("names " .. name .. " in Chinese, with its source", function()
        assert.is_truthy(identity.zh and utf8.len(identity.zh) >= 2)
        assert.is_truthy(identity.cite and identity.cite:find "Wikipedia")
      end)

      it("states " .. name .. " in both layouts, rightly by numbers", function()
        for _, form in ipairs(identity.forms) do
          local seen = {}
          local hessian = form.lhs.args[1].tag == "call" and form.lhs.args[1].name == "D"
          local f = hessian and form.lhs.args[1].args[1] or form.lhs.args[1]
          for _, stated in ipairs(form.answers) do
            seen[stated.layout] = true
            local right, trouble = judge.check {
              decl = declarations(identity),
              expr = syntax.dump(f),
              wrt = syntax.dump(form.lhs.args[2]),
              op = hessian and "hessian" or nil,
              layout = stated.layout,
              answer = syntax.dump(stated.rhs),
            }
            assert.is_true(right, stated.layout .. ": " .. tostring(trouble))
          end
          assert.same({ numerator = true, denominator = true }, seen)
        end
      end)
    end
  end)
end

describe("session:check", function()
  local function checked(text)
    local s = assert(nabla.new())
    assert(s:rule(text))
    return s:check "stated"
  end

  it("refuses an identity that is wrong in one layout", function()
    local right, why = checked [[
      identity "stated"
        let vector x(n), matrix A(n,n)
        D(x'*A*x, x)   numerator    x'*(A + A')
                       denominator  2*A*x
    ]]
    assert.is_false(right)
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
