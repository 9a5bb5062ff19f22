-- `nabla table`: tables of identities on the page, in every format and in two languages.

-- luacheck: no max line length

local nabla = require "nabla"

local function session(text)
  local s = assert(nabla.new())
  assert(s:rule(text, "mine.rules"))
  return s
end

local SMALL = [[
  table "Two rows"  zh "两行"  cite "Lecture 3"
  let vector x(n), vector a(n), matrix A(n,n), scalar f of x
  identity "linear form"  zh "线性型"  cite "page 1"
    D(a'*x, x)    numerator    a'
                  denominator  a
    D(x'*a, x)    numerator    a'
                  denominator  a
  identity "quadratic form"  zh "二次型"
    let matrix A(n,n) symmetric
    D(x'*A*x/2 + f(x), x)  denominator  A*x + D(f,x)
]]

describe("a table", function()
  local s = session(SMALL)

  it("prints as text, the rows as they are written, the answers that are not stated derived", function()
    assert.equal(
      [[
Two rows (Lecture 3)

identity        expression             numerator       denominator    source
--------------  ---------------------  --------------  -------------  ------
linear form     D(a'*x, x)             a'              a              page 1
                D(x'*a, x)             a'              a
quadratic form  D(x'*A*x/2 + f(x), x)  D(f, x) + x'*A  A*x + D(f, x)

where scalar f of x
      vector a(n), x(n)
      matrix A(n,n) symmetric
]],
      s:table "two-rows"
    )
  end)

  it("prints in Unicode, with Chinese titles, in one layout", function()
    assert.equal(
      [[
两行 (Lecture 3)

名称    表达式                 混合布局       出处
------  ---------------------  -------------  ------
线性型  D(aᵀ·x, x)             a              page 1
        D(xᵀ·a, x)             a
二次型  D(xᵀ·A·x/2 + f(x), x)  A·x + D(f, x)

其中 scalar f of x
     vector a(n), x(n)
     matrix A(n,n) symmetric
]],
      s:table("two-rows", { format = "unicode", lang = "zh", layout = "mixed" })
    )
  end)

  it("prints as Markdown with formulas in LaTeX", function()
    assert.equal(
      [[
### Two rows

Lecture 3

| identity       | expression                                                                                                          | denominator                                                      | source |
|----------------|---------------------------------------------------------------------------------------------------------------------|------------------------------------------------------------------|--------|
| linear form    | $\frac{\partial }{\partial \mathbf{x}}\left(\mathbf{a}^\top \mathbf{x}\right)$                                      | $\mathbf{a}$                                                     | page 1 |
|                | $\frac{\partial }{\partial \mathbf{x}}\left(\mathbf{x}^\top \mathbf{a}\right)$                                      | $\mathbf{a}$                                                     |        |
| quadratic form | $\frac{\partial }{\partial \mathbf{x}}\left(\frac{\mathbf{x}^\top \mathbf{A} \mathbf{x}}{2} + f(\mathbf{x})\right)$ | $\mathbf{A} \mathbf{x} + \frac{\partial f}{\partial \mathbf{x}}$ |        |

where `scalar f of x, vector a(n), x(n), matrix A(n,n) symmetric`
]],
      s:table("two-rows", { format = "markdown", layout = "denominator" })
    )
  end)

  it("prints as LaTeX", function()
    assert.equal(
      [[
% needs amsmath, amssymb, longtable, booktabs, caption, ctex
\begin{longtable}{llll}
\caption*{两行 (Lecture 3)} \\ \toprule
名称 & 表达式 & 分母布局 & 出处 \\
\midrule \endhead
线性型 & $\displaystyle \frac{\partial }{\partial \mathbf{x}}\left(\mathbf{a}^\top \mathbf{x}\right)$ & $\displaystyle \mathbf{a}$ & page 1 \\
 & $\displaystyle \frac{\partial }{\partial \mathbf{x}}\left(\mathbf{x}^\top \mathbf{a}\right)$ & $\displaystyle \mathbf{a}$ &  \\
二次型 & $\displaystyle \frac{\partial }{\partial \mathbf{x}}\left(\frac{\mathbf{x}^\top \mathbf{A} \mathbf{x}}{2} + f(\mathbf{x})\right)$ & $\displaystyle \mathbf{A} \mathbf{x} + \frac{\partial f}{\partial \mathbf{x}}$ &  \\
\bottomrule
\multicolumn{4}{p{0.9\linewidth}}{\footnotesize 其中 \texttt{scalar f of x, vector a(n), x(n), matrix A(n,n) symmetric}} \\
\end{longtable}
]],
      s:table("two-rows", { format = "latex", layout = "denominator", lang = "zh" })
    )
  end)

  it("has no column for a layout where rows are equations", function()
    local t = session [[
      table "Equations"
      let matrix X(m,n)
      identity "transpose"  d(X') == d(X)'
    ]]
    assert.equal(
      [[
Equations

identity   expression  equal to  source
---------  ----------  --------  ------
transpose  d(X')       d(X)'

where matrix X(m,n)
]],
      t:table "equations"
    )
  end)

  it("leaves a cell empty where a layout has no such derivative", function()
    local t = session [[
      table "Jacobians"
      let matrix X(m,n), matrix A(p,m)
      identity "product"  D(A*X, X)  vec  kron(I(n), A)
    ]]
    assert.is_truthy(t:table("jacobians", { layout = "numerator" }):find "\nproduct   D%(A%*X, X%)\n")
  end)

  it("is named by its title", function()
    local names = {}
    for name in pairs(session('table "A (new) table: 2nd"\ntable "行列式"').tables) do
      names[#names + 1] = name
    end
    table.sort(names)
    assert.same({ "a-new-table-2nd", "行列式" }, names)
  end)

  it("is an answer with an error when it is not there", function()
    local text, err = s:table "three-rows"
    assert.is_nil(text)
    assert.equal("there is no table 'three-rows'", tostring(err))
    text, err = s:table("two-rows", { layout = "nowhere" })
    assert.is_nil(text)
    assert.is_truthy(tostring(err):find "unknown layout 'nowhere'")
  end)
end)

describe("the rows of a table", function()
  it("are checked for their syntax when the file is loaded", function()
    local _, err =
      assert(nabla.new()):rule('table "T"\nidentity "a"\n  let vector x(n)\n  D(x, x  numerator I(n)', "mine.rules")
    assert.equal("mine.rules:4:11", tostring(err):match "^mine.rules:%d+:%d+")
  end)

  it("are worked out when they are asked for", function()
    local s = session [[
      table "T"
      let vector x(n)
      identity "right"  D(x, x)  numerator  I(n)  zh "对"
      identity "wrong"  D(y, x)  numerator  I(n)
    ]]
    assert.is_true(s:check "right")
    assert.equal("对", s.identities["right"].zh)
    local answer, err = s:check "wrong"
    assert.is_nil(answer)
    assert.equal("mine.rules:4:27: unknown name 'y'", tostring(err):match "^[^\n]*")
    answer, err = s:table "t"
    assert.is_nil(answer)
    assert.equal("mine.rules:4:27: unknown name 'y'", tostring(err):match "^[^\n]*")
  end)

  it("keep the declarations that were in force where they stand", function()
    local s = session [[
      table "T"
      let vector x(n), matrix A(m,n)
      identity "first"  D(A*x, x)  numerator  A
      let matrix A(n,m)
      identity "second"  D(x'*A, x)  numerator  A'
    ]]
    assert.is_true(s:check "first")
    assert.is_true(s:check "second")
  end)

  it("are refused with conditions", function()
    local _, err =
      assert(nabla.new()):rule('let matrix A(n,n)\nidentity "a"\n  A == A\' if symmetric(A)', "mine.rules")
    assert.equal("mine.rules:3:14: an identity has no conditions", tostring(err):match "^[^\n]*")
  end)

  it("may be written once for several functions", function()
    local s = session [[
      let matrix X(m,n)
      identity "sines"  for f, g in (sin, cos) (sinh, cosh)
        d(f(X)) == g(X).*d(X)
    ]]
    assert.equal(2, #s.identities["sines"].forms)
    assert.is_true(s:check "sines")
  end)
end)

describe("a table twice", function()
  it("is refused", function()
    local _, err = session('table "One"'):rule('table "One"', "mine.rules")
    assert.equal('mine.rules:1:1: there is a table "One" already (mine.rules:1)', tostring(err):match "^[^\n]*")
  end)
end)
