-- The engine makes the display trees that the builders in Lua make.

local core = require "nabla.core"
local forms = require "nabla.print.forms"
local handles = require "nabla.session.handles"
local nabla = require "nabla"
local print = require "nabla.session.print"

local DECLARED = [[matrix A(n,n), B(n,n), C(n,n), matrix G(m,n), matrix X(n,n) invertible, matrix Y(n,n) invertible,
  matrix S(n,n) symmetric, vector x(n), y(n), z(n), b(m), scalar a, c, t, k, scalar u of x, vector v(n) of x]]

local CASES = [[
3 | -3 | 1/2 | -3/4 | 123456789012345 | x/2 | 3*x/4 | -x | x - y | -x - y | y - a*x | -(x - y) | a*(x - y)/c
(A + A')/2 | 2*A*x/3 - 4*B*x/3 | A/2 - B/2 | A*B*A*B | A*B*A*B*A | A*B*A*B*A*B*C | (A*B)^2 | (A*B*x)' | (A'*B'*C')'
inv(X)*inv(Y) | inv(X')*x | inv(X)*A*inv(Y)*inv(X)*x | inv(X + A) | inv(X*A + B) | inv(-X - A) | X^3 | (X + A)^2
(A - B)^3*x | S*x | x'*S | S'*A | A*S*A' | a^2 | a^(-2) | 1/(a + c) | sqrt(a) | a^(1/2)*c | a^c | a^(-c) | (a - c)^2
(c - a)^3 | -(a - c)^3 | (-a - c)^t | x.^2 | x.^(-2) | 1./x | 1./x.^2 | y./x | y./(x.*z) | sqrt(x) | 1./sqrt(x)
x.*y | -x.*y | (x - y).*(z - y) | (x - y).*(y - z)./x | A.*B' | (A.*B)' | A./B | ones(n) | ones(n)' | ones(m,n)
zeros(m,n)' | I(n) | I(n) + A | A*ones(n) | ones(n)'*A*x | x'*A*y | y'*A'*x | x'*(A + A')*y | x*x'*A | exp(x)
exp(x' - y') | exp(A') | -exp(-x) | tr(A) | tr(A - B) | tr(-A) | tr(X'*A*X) | tr(A*X*X') | tr(A*X*B*X') | det(X)
log(det(X)) | norm2(x - y) | norm2(y - A*x)^2 | diag(x) | diag(x - y)*A | diag(exp(x))*A | kron(A, B) | kron(A', B)
kron(A - B, C)' | vec(A) | vec(A - B) | tanh(A*tanh(B*x)) | sum(x) | sum(x - y) | u(x) | u(A*x)*a | v(x) | v(y - x)'
sin(a)*cos(c) | a*sin(c)*t | sin(a)*a/c/t | x'*v(y)*a | (x - y)'*A*(x - y) | -(x - y)'*(A - B)*(x - y) | a/(c/t)
(a*x)/(c*t) + y | a*(x.*y)/c | 2*(1/a) | a - c - t | -a + c | -a - c | (a + c)*(t - k)
]]

-- The path of the first difference between two trees; nil if there is none.
local function difference(a, b, seen, path)
  if a == b or seen[a] == b then
    return nil
  elseif type(a) ~= "table" or type(b) ~= "table" then
    return ("%s: %s, %s"):format(path, a, b)
  end
  seen[a] = b
  for key in pairs(b) do
    if a[key] == nil then
      return ("%s.%s is missing"):format(path, key)
    end
  end
  for key, value in pairs(a) do
    local found = difference(value, b[key], seen, path .. "." .. key)
    if found then
      return found
    end
  end
end

describe("a display tree", function()
  local s, made, left

  local function new()
    local session = assert(nabla.new {})
    assert(session:declare(DECLARED))
    return session
  end

  -- The tree of a node from the engine is that of the builders, which work where there is a memo.
  local function compare(node, what)
    local _, id = core.unwrap(node)
    local opts = print.options(s, handles.hints[node])
    local tree = assert(forms.tree(s.S, id, opts))
    local by_engine = forms.by_engine(s.S, id, opts, forms.limit)
    made, left = made + (by_engine and 1 or 0), left + (by_engine and 0 or 1)
    opts.memo = {}
    assert.is_nil(difference(tree, assert(forms.tree(s.S, id, opts)), {}, ""), what)
  end

  before_each(function()
    s, made, left = new(), 0, 0
  end)

  it("is the same from the engine", function()
    for text in CASES:gmatch "[^|\n]+" do
      compare(assert(s:parse(text)), text)
    end
    assert.equal(0, left)
    assert.is_true(made > 100)
  end)

  it("is the same of derivatives", function()
    for text in CASES:gmatch "[^|\n]+" do
      for _, variable in ipairs { "x", "X" } do
        local g = s:diff(text, variable)
        if g then
          compare(g, ("%s by %s"):format(text, variable))
        end
      end
    end
    assert.is_true(made > 8 * left)
  end)

  it("is left to the builders where it has more", function()
    assert(s:declare "vector w(n) complex")
    for _, text in ipairs { "[A; B]", "x(2)", "sum(i = 1..n, x(i))", "123456789012345678901234567890*a" } do
      compare(assert(s:parse(text)), text)
    end
    assert.equal(0, made)
  end)

  it("may have many terms and be deep", function()
    local terms = {}
    for i = 1, 500 do
      terms[i] = ("x'*A%d*x%s"):format(i, i % 3 == 0 and "*a" or "")
    end
    compare(assert(s:parse(table.concat(terms, " - "))), "many terms")
    compare(assert(s:parse(("sin(t/(1 + exp("):rep(300) .. "t" .. (")))"):rep(300))), "deep")
    assert.equal(0, left)
  end)
end)
