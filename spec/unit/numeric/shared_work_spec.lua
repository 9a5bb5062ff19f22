--- What a program works out once: products and functions of entries that are there already, also transposed.

local graph = require "nabla.numeric.graph"
local matrix = require "nabla.matrix"
local nabla = require "nabla"

describe("a graph of operations", function()
  it("finds a function of entries that was made of the transposed arguments", function()
    local G = graph.new()
    local a, b = G:input("a", 3, 4), G:input("b", 4, 3)
    for _, fn in ipairs { "add", "sub", "mul" } do
      local p = G:entrywise(fn, { a, G:transpose(b) })
      assert.are.equal(G:transpose(p), G:entrywise(fn, { G:transpose(a), b }))
      assert.are.equal(p, G:entrywise(fn, { a, G:transpose(b) }))
    end
    assert.are_not.equal(G:entrywise("sub", { b, G:transpose(a) }), G:entrywise("sub", { G:transpose(a), b }))
  end)

  it("multiplies a chain in the order in which a product is there", function()
    local G = graph.new()
    local a, b, c = G:input("a", 4, 9), G:input("b", 9, 9), G:input("c", 9, 5)
    local known = G:chain { G:transpose(c), G:transpose(b) }
    assert.are.equal(G:chain { a, G:transpose(known) }, G:chain { a, b, c })
  end)

  it("takes the diagonal of a product without the product", function()
    local G = graph.new()
    local p = G:diagonal_chain { G:input("a", 7, 3), G:input("b", 3, 7) }
    assert.are.same({ 7, 1 }, { p.rows, p.cols })
    for _, q in ipairs(G.list) do
      assert.is_false(q.rows == 7 and q.cols == 7)
    end
  end)
end)

describe("the diagonal of a product", function()
  local function numbers(m, n, shift)
    return matrix.build(m, n, function(i, j)
      return math.sin(3 * i + 5 * j * j + shift)
    end)
  end

  it("has the entries that the product has", function()
    local s = nabla.new {}
    s:declare "matrix A(m,n), matrix B(n,m), matrix C(m,m), matrix S(m,m) spd, vector v(m), scalar c"
    local one = "diagv(%s)"
    for _, f in ipairs {
      "A*B",
      "B'*A'",
      "c*A*B*C",
      "A*B*C*A*B",
      "A*diag(ones(n))*B",
      "diag(v)*C",
      "C*diag(v)",
      "inv(S)*C",
      "C*inv(S)",
      "v*v'*C",
      "A*A'",
      "C*(C + A*B)",
    } do
      for _, m in ipairs { 1, 2, 5 } do
        for _, n in ipairs { 1, 3 } do
          local values = { A = numbers(m, n, 1), B = numbers(n, m, 2), C = numbers(m, m, 3), c = 0.7 }
          values.v, values.S = numbers(m, 1, 4), matrix.eye(m) + values.A * values.A.T
          local F = assert(s:compile { one:format(f), f })
          local diagonal, whole = F(values)
          for i = 1, m do
            assert.is_true(math.abs(diagonal[i] - whole(i, i)) < 1e-12, f)
          end
        end
      end
    end
  end)
end)
