-- What scripts do with expressions: patterns, rules by name, names for parts, facts, numbers and texts in place of nodes.

local nabla = require "nabla"

local DECLARED = "matrix A(m,n), vector b(m), vector x(n), matrix P(k,k) spd, matrix H(p,k), matrix R(p,p) spd"

describe("a script", function()
  local s
  before_each(function()
    s = assert(nabla.new())
    assert(s:declare(DECLARED))
  end)

  local function parse(text)
    return assert(s:parse(text))
  end

  describe("matches patterns", function()
    it("of whole nodes, letter by letter", function()
      local found = parse("P*H'*inv(R)"):match "X*Y*inv(Z)"
      assert.are.same({ "P", "H'", "R" }, { tostring(found.X), tostring(found.Y), tostring(found.Z) })
      assert.is_nil(parse("P*H'"):match "inv(Z)")
    end)

    it("whose letters are equal where the pattern repeats one", function()
      assert.is_nil(parse("P*R0"):match "Z*Z")
      assert.truthy(parse("H*P*H'"):match "X*Y*X'")
    end)

    it("at all places", function()
      local parts = {}
      for part in parse("norm2(A*x - b)^2 + log(norm2(x))"):find "norm2(y)" do
        parts[#parts + 1] = tostring(part)
      end
      assert.are.same({ "norm2(x)", "norm2(b - A*x)" }, parts)
    end)
  end)

  describe("applies rules by name", function()
    it("and is told when there is none", function()
      assert.error_matches(function()
        parse("logdet(P)"):apply "nonsense"
      end, "there is no rule 'nonsense'")
    end)
  end)

  describe("names parts", function()
    it("which have the shape and the attributes of what they name", function()
      local T = assert(s:let("T", "H*P*H' + R"))
      assert.equal("p x p", tostring(T.shape))
      assert.equal("T", tostring(parse("T'"):simplify()))
      local folded, count = parse("P*H'*inv(H*P*H' + R)"):fold()
      assert.are.same({ "P*H'*inv(T)", 1 }, { tostring(folded), count })
      assert.equal(parse "P*H'*inv(H*P*H' + R)", (folded:unfold()))
    end)

    it("through which derivatives look", function()
      assert(s:let("y", "A*x - b"))
      assert.equal("2*A'*y", tostring((assert(s:diff("norm2(y)^2", "x")):fold())))
    end)
  end)

  describe("assumes facts", function()
    it("and takes them back", function()
      local before = tostring(parse("logdet(H*H')"))
      assert(s:assume("spd", "H*H'"))
      assert(s:retract("spd", "H*H'"))
      assert.equal(before, tostring(parse("logdet(H*H')")))
    end)

    it("of attributes that there are, and of the right shape", function()
      assert.matches("unknown attribute 'spdd'; did you mean spd%?", tostring(select(2, s:assume("spdd", "H*H'"))))
      assert.is_nil((s:assume("spd", "H")))
    end)
  end)

  describe("gives numbers and texts where a node is taken", function()
    it("0 as zeros of the right shape", function()
      local node, count = parse("2*A'*(A*x - b)"):subst("b", 0)
      assert.are.same({ "2*A'*A*x", 1 }, { tostring(node), count })
    end)

    it("in operators", function()
      local A = parse "A"
      assert.equal("A*x", tostring(A * "x"))
      assert.equal("A*x", tostring("A" * parse "x"))
    end)
  end)

  it("gets the constants of a session", function()
    assert.are.same(
      { "I(n)", "zeros(m, n)", "ones(3)" },
      { tostring(s:I "n"), tostring(s:zeros("m", "n")), tostring(s:ones(3)) }
    )
  end)

  it("is told by the module which names there are", function()
    assert.error_matches(function()
      return nabla.difff
    end, "nabla has no function 'difff'; did you mean session:diff%?")
  end)

  it("may be strict: errors are raised", function()
    local strict = assert(nabla.new { strict = true })
    assert.error_matches(function()
      strict:parse "A +"
    end, "1:4: ")
    assert.error_matches(function()
      strict:parse "A + 1"
    end, "the sizes must be equal")
  end)
end)
