-- Graphs of expressions and of derivations.

local graph = require "nabla.print.graph"
local nabla = require "nabla"

local GRAPHVIZ = os.execute "command -v dot >/dev/null 2>&1" == true

describe("the graph of an expression", function()
  local s
  before_each(function()
    s = assert(nabla.new())
    s:declare "matrix A(m,n), vector x(n), vector y(m)"
  end)

  it("has one vertex for a shared part, and its edges in order", function()
    local dot = s:parse("(A*x)'*(A*x + y)"):dot()
    local _, products = dot:gsub('label="product\\nm x 1"', "")
    assert.equal(1, products)
    assert.matches('label="A\\nm x n", shape="box", tooltip="A"', dot)
    assert.matches("ordering=out", dot)
    for from, to in dot:gmatch "v(%d+) %-> v(%d+)" do
      assert.is_true(dot:find("  v" .. from .. " [", 1, true) and dot:find("  v" .. to .. " [", 1, true) and true)
    end
  end)

  it("of a leaf is a vertex", function()
    local dot = s:parse("x"):dot()
    assert.matches('v1 %[label="x\\nn x 1", shape="box", tooltip="x"%]', dot)
    assert.is_nil(dot:find("->", 1, true))
    assert.matches('v1 %[label="2", ', s:parse("2"):dot())
  end)

  it("of a deep or large expression is drawn or refused, and does not crash", function()
    local deep = s:parse(("sin("):rep(1500) .. "t" .. (")"):rep(1500))
    assert.matches("v1501", (deep:dot()))
    local large = {}
    for i = 1, 2500 do
      large[i] = "sin(" .. i .. "*t)"
    end
    large = s:parse(table.concat(large, " + "))
    local dot, err = large:dot()
    assert.is_nil(dot)
    assert.matches("more than 2000 parts", err.message)
    assert.same({ nil, err }, { large:svg() })
  end)

  it("quotes what DOT would read", function()
    local dot = graph.dot { vertices = { { label = 'a "b" \\c\nd' } }, edges = { { 1, 1, label = "e" } } }
    assert.is_truthy(dot:find([=[v1 [label="a \"b\" \\c\nd"]]=], 1, true))
    assert.is_truthy(dot:find('v1 -> v1 [label="e"]', 1, true))
  end)

  it("is SVG where Graphviz is installed", function()
    local svg, err = s:parse("x'*A'*y"):svg()
    if GRAPHVIZ then
      assert.matches("^<%?xml.*<svg.*transpose.*</svg>$", svg)
      assert.is_nil(graph.svg "no graph")
    else
      assert.is_nil(svg)
      assert.matches("Graphviz", err.message)
    end
  end)
end)

describe("the graph of a derivation", function()
  it("has the lines, and the reasons on its edges", function()
    local s = assert(nabla.new())
    local D = s:derive("tr(A*X)", "X")
    local dot = D:dot()
    assert.matches('v1 %[label="f = tr%(A·X%)", shape="box"%]', dot)
    assert.matches("v1 %-> v2 .*d is linear; A is constant", dot)
    assert.matches("v1 %-> v2 .*微分是线性的", D:dot { lang = "zh" })
    local _, vertices = dot:gsub("%[label=[^\n]*shape", "")
    assert.equal(#D, vertices)
    if GRAPHVIZ then
      assert.matches("<svg", D:svg())
    end
  end)
end)
