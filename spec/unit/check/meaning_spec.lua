-- What a file's own attributes and operators mean by numbers: `attribute .. means ..`, `operator .. value ..`.

local check = require "nabla.check"
local nabla = require "nabla"
local sample = require "spec.support.sample"

-- The verdicts on the statements of a text, and the details.
local function verdicts(text)
  local path = os.tmpname()
  local f = assert(io.open(path, "w"))
  f:write(text)
  f:close()
  local results, err = assert(check.new()):file(path)
  os.remove(path)
  if not results then
    return "refused", { err.message }
  end
  local list, details = {}, {}
  for i, r in ipairs(results) do
    list[i], details[i] = r.verdict, r.detail or r.proof and r.proof.how
  end
  return table.concat(list, " "), details
end

local function refusal(text)
  local ok, err = assert(nabla.new()):rule(text)
  assert.is_nil(ok)
  return err.message
end

describe("an attribute without a meaning", function()
  sample.whole(it)("leaves open what depends on it, in whatever way it is stated", function()
    for _, statement in ipairs {
      'let matrix T(m,n) onehot\nrule "rows" T*ones(n) -> ones(m)',
      'let matrix T(m,n)\nrule "rows" T*ones(n) -> ones(m) if onehot(T)',
      'let matrix T(m,n) onehot\nsimplify "rows" T*ones(n) -> ones(m)',
      'let matrix T(m,n)\nidentity "rows"\n    let matrix T(m,n) onehot\n    T*ones(n) == ones(m)',
      "let matrix T(m,n) onehot\nfact positive(T)",
    } do
      local found, details = verdicts("attribute onehot\n" .. statement)
      assert.are.equal("proved not checkable", found, statement)
      assert.is_truthy(details[2]:find("attribute onehot means", 1, true), details[2])
    end
  end)

  sample.whole(it)("does not keep from a proof what holds without it", function()
    assert.are.equal(
      "proved proved",
      (verdicts 'attribute onehot\nlet matrix T(m,n) onehot\nrule "t" tr(T*T\') -> norm2(T)^2 terminating')
    )
  end)

  it("makes no answer that depends on it wrong, by --verify", function()
    local s = assert(nabla.new())
    assert(s:rule 'attribute onehot\nlet matrix T(m,n) onehot\nrule "rows" T*ones(n) -> ones(m)')
    s:declare "matrix T(m,n) onehot"
    local right, err = s:verify("x'*T*ones(n)", "x", "ones(m)")
    assert.is_nil(right)
    assert.are.equal("they differ, but no value is known to be onehot", err.message)
  end)
end)

describe("an attribute with a meaning", function()
  local cases = {
    {
      "of zeros and ones",
      "let matrix T(m,n)\nattribute onehot means T*ones(n) == ones(m), T.*T == T",
      "let matrix T(m,n) onehot",
      { 'rule "r" T*ones(n) -> ones(m)', "modulo" },
      { "rule \"r\" T*T'.*I(m) -> I(m)", "modulo" },
      { "rule \"r\" T'*ones(m) -> ones(n)" },
      { "fact onehot(T')" },
      { "fact nonnegative(T)", "floating" },
    },
    {
      "that is linear",
      "let matrix S(n,n)\nattribute balanced means S*ones(n) == ones(n)",
      "let matrix S(n,n) balanced, matrix P(n,n) balanced",
      { "fact balanced(S*P)", "modulo" },
      { "fact balanced(S + P)" },
      { "check S*P*ones(n) == ones(n)", "modulo" },
    },
    {
      "with an order",
      "let vector p(n)\nattribute simplex means sum(p) == 1, nonnegative(p)",
      "let vector p(n) simplex",
      { 'rule "r" sum(p) -> 1', "modulo" },
      { 'rule "r" norm1(p) -> 1', "floating" },
      { 'rule "r" norm2(p) -> 1' },
    },
    {
      "whose values are no fractions",
      "let vector u(n)\nattribute unit means u'*u == 1",
      "let vector u(n) unit",
      { 'rule "r" norm2(u) -> 1', "floating" },
      { "rule \"r\" u*u' -> I(n) terminating" },
    },
    {
      "of given sizes, that implies another attribute",
      "let matrix R(3,3)\nattribute rotation implies orthogonal means R'*R == I(3), det(R) == 1",
      "let matrix R(3,3) rotation",
      { 'rule "r" det(R) -> 1', "floating" },
      { "rule \"r\" inv(R) -> R'", "floating" },
      { "rule \"r\" tr(R) -> 1" },
    },
  }
  for _, case in ipairs(sample.of(cases)) do
    it(case[1] .. " decides what is stated of it", function()
      for i = 4, #case, sample.quick and 2 or 1 do
        local text = case[2] .. "\n" .. case[3] .. "\n" .. case[i][1]
        local found, details = verdicts(text)
        assert.are.equal("proved " .. (case[i][2] and "proved" or "failed"), found, case[i][1])
        assert.are.equal(case[i][2] or details[2], details[2], case[i][1])
      end
    end)
  end

  sample.whole(it)("has what it implies beside what it means, and is shown not to have what it excludes", function()
    local text = "let matrix S(n,n)\nattribute mirrored %s means S == S'"
    assert.are.equal("proved", (verdicts(text:format "implies symmetric")))
    assert.are.equal("failed", (verdicts(text:format "excludes symmetric")))
  end)

  it("holds in files that use the one that says it", function()
    local s = assert(nabla.new())
    assert(s:rule "let matrix T(m,n)\nattribute onehot means T*ones(n) == ones(m), T.*T == T")
    assert(s:rule "let matrix T(m,n) onehot\ncheck T*ones(n) == ones(m)")
    s:declare "matrix T(m,n) onehot"
    assert.are.equal("yes", (s:equal("T*ones(n)", "ones(m)")))
    assert.are.equal("no", (s:equal("T'*ones(m)", "ones(n)")))
  end)

  sample.whole(it)("that no matrix has leaves all open", function()
    local found, details = verdicts "let matrix S(n,n)\nattribute odd1 means S == S + I(n)"
    assert.are.equal("not checkable", found)
    assert.are.equal("no matrix was found that is as it says", details[1])
  end)

  sample.whole(it)("is refused where it cannot be one", function()
    local sizes = "the sizes of S, which a meaning is about, are names or numbers"
    local two = "a meaning is about one matrix; here are S and T"
    for text, message in pairs {
      ["attribute a means ones(n) == ones(n)"] = "a meaning is about a declared matrix or vector",
      ["let matrix S(n,n), matrix T(n,n)\nattribute a means S == T"] = two,
      ["let matrix S(n,n)\nattribute symmetric means S == S'"] = "symmetric has a meaning by numbers already",
      ["let matrix S(2*n,n)\nattribute a means S == S"] = sizes,
      ["let matrix S\nattribute a means S == S'"] = sizes,
      ["let matrix S(n,n)\nattribute a means S >= zeros(n,n)"] = "only scalars are compared by >=",
      ["let matrix S(n,n)\nattribute a means foo(S)"] = "unknown attribute 'foo'",
      ["let matrix S(m,n)\nattribute a means S == S'"] = "the left side is m x n, the right side n x m",
      ["let matrix S(n,n)\nattribute a means S"] = "a condition is a call or a comparison",
    } do
      assert.are.equal(message, refusal(text), text)
    end
  end)
end)

describe("an operator with a value", function()
  sample.whole(it)("is evaluated, and what is stated of it is decided", function()
    local text = "let matrix A(n,n), matrix X(m,n)\n"
      .. "operator sq(A(n,n)): matrix (n,n)  value A*A\n"
      .. "operator cube(t): same elementwise odd value t^3\n"
      .. "operator twice(A(m,n)): matrix (m,n) linear value 2*A\n"
    for statement, verdict in pairs {
      ['rule "r" d(cube(X)) -> 3*(X.^2).*d(X)'] = "proved",
      ['rule "r" d(cube(X)) -> 2*(X.^2).*d(X)'] = "failed",
      ['rule "r" sq(inv(A)) -> inv(sq(A))'] = "proved",
      ["adjoint twice(A) Y -> 2*Y"] = "proved",
      ["adjoint twice(A) Y -> Y"] = "failed",
    } do
      assert.are.equal("proved proved proved " .. verdict, (verdicts(text .. statement)), statement)
    end
  end)

  sample.whole(it)("has the properties that it states", function()
    assert.are.equal("failed", (verdicts "operator f(A(m,n)): matrix (m,n) linear value A.*A"))
    assert.are.equal("failed", (verdicts "operator f(t): same elementwise even value t^3"))
  end)

  it("keeps its name: no rule writes its value", function()
    local s = assert(nabla.new())
    assert(s:rule "operator sq(A(n,n)): matrix (n,n)  value A*A")
    assert.are.equal("sq(A)", s:parse("sq(A)"):text())
    local node, err = s:diff("tr(sq(A))", "A")
    assert.is_nil(node)
    assert.are.equal("no rule for d(sq(..))", err.message)
    assert.are.equal("yes", (s:equal("sq(A)", "A^2")))
  end)

  it("does not use itself", function()
    assert.are.equal(
      "the body of f uses f: it would not come to an end",
      refusal "operator f(x(n)): vector (n) value f(x)"
    )
  end)
end)

describe("a function with a body and a differential", function()
  local text = "function ddot(A(m,n), B(m,n)): scalar = tr(A'*B)\n    d(ddot(A,B)) = tr(B'*d(A)) + tr(A'*d(B))\n"
    .. "function share(A(n,n)): scalar = tr(A)*(n - 2)\n    d(share(A)) = tr(d(A))*(n - 2)\nlet matrix A(n,n)\n"

  sample.whole(it)("is compared by its body, whose sizes may be numbers", function()
    for _, statement in ipairs {
      "check ddot(A - tr(A)/n*I(n), I(n)) == 0",
      "check ddot(A, I(n)) == tr(A)",
      "check share(A) == n*tr(A) - 2*tr(A)",
      "fail share(A) == 0",
      "check share(ddot(A, I(n))*A) == tr(A)*share(A)",
    } do
      assert.are.equal("proved proved proved", (verdicts(text .. statement)), statement)
    end
    for _, statement in ipairs { "check share(A) == 0", "fail ddot(A, I(n)) == tr(A)" } do
      assert.are.equal("proved proved failed", (verdicts(text .. statement)), statement)
    end
  end)

  sample.whole(it)("is not taken for zero since it is at small sizes", function()
    local rule = 'let matrix A(n,n), scalar a\nrule "z" a*tr(A)*(n - 2)*(n - 3)*(n - 4) -> 0'
    assert.are.equal("failed", (verdicts(rule)))
  end)

  it("keeps its name in answers", function()
    local s = assert(nabla.new())
    assert(s:rule(text))
    assert.are.equal("yes", (s:equal("ddot(A, B)", "tr(A'*B)")))
    assert.are.equal("ddot(A, B)", s:parse("ddot(A, B)"):text())
  end)
end)

describe("an attribute of matrices in a cone, with an equation", function()
  for _, meaning in ipairs {
    "psd means tr(P) == 1",
    "spd means tr(P) == 1",
    "nonnegative means sum(P) == 1",
    "positive means P*ones(n) == ones(n)",
    "psd means tr(P^2) == 3",
  } do
    it("has values for --verify: " .. meaning, function()
      local s = assert(nabla.new())
      assert(s:rule("let matrix P(n,n)\nattribute density square implies " .. meaning))
      assert(s:declare "matrix rho(n,n) density, matrix A(n,n), matrix S(n,n)")
      assert.is_true(s:verify("tr(rho*A*S)", "S", "A'*rho'"))
      assert.is_false((s:verify("tr(rho*A*S)", "S", "2*A'*rho'")))
    end)
  end
end)
