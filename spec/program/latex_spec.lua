-- `nabla latex`: the requests of a LaTeX document, and the answers for its next run. That LaTeX writes and reads them is tried
-- by tools/try_latex.sh.

local command = require "spec.support.command"
local latex = require "nabla.command.latex"

local quoted, shell, temporary_file = command.quoted, command.shell, command.temporary_file

teardown(command.clean)

local function answer(request)
  return latex.answer({ count = 0 }, request)
end

describe("an answer of nabla latex", function()
  it("is one line of LaTeX", function()
    assert.are.equal(
      [[=2 \mathbf{A}^\top \left(\mathbf{A} \mathbf{x} - \mathbf{b}\right)]],
      answer [[{"op":"derivative","expr":"norm2(A*x - b)^2","wrt":"x"}]]
    )
    assert.are.equal(
      [[=\mathbf{x}^\top \left(\mathbf{A} + \mathbf{A}^\top\right)]],
      answer [[{"op":"derivative","expr":"x^\\top A x","wrt":"x","layout":"numerator"}]]
    )
    assert.are.equal([[=\mathbf{A}]], answer [[{"op":"hessian","expr":"x'*A*y","wrt":"x","wrt2":"y"}]])
    assert.are.equal([[=2 \mathbf{y}^\top \mathbf{x}]], answer [[{"op":"expression","expr":"x'*y + y'*x"}]])
  end)

  it("has the derivation, with a command for each reason", function()
    local text = answer [[{"op":"derivation","expr":"tr(A*X)","wrt":"X","lang":"zh"}]]
    assert.is_truthy(text:find("=\\begin{align*} f &= ", 1, true))
    assert.is_truthy(text:find("&& \\nablareason{函数}", 1, true))
    assert.is_nil(text:find "\n")
    text = answer [[{"op":"derivation","expr":"tr(A*X)","wrt":"X","reasons":"false"}]]
    assert.is_nil(text:find("reason", 1, true))
  end)

  it("has solutions of several equations", function()
    local decl = "matrix A(n,n), matrix B(n,n), vector x(n), vector y(n), vector a(n), vector b(n)"
    local text = answer(([[{"op":"solution","expr":"A*x = a; x + B*y = b","wrt":"x,y","decl":"%s"}]]):format(decl))
    assert.is_truthy(text:find("^=\\mathbf{x} = .*, \\quad \\mathbf{y} = "))
    text = answer [[{"op":"solution","expr":"A'*(A*x - b) = 0","wrt":"x","steps":"true"}]]
    assert.is_truthy(text:find([[\nablareason{$\mathrm{invertible}(\mathbf{A}^\top \mathbf{A})$}]], 1, true))
  end)

  it("has a table without comments and title", function()
    local text = answer [[{"op":"table","expr":"scalar-by-matrix","layout":"denominator"}]]
    assert.is_truthy(text:find("^=\\begin{longtable}{%a+} \\toprule identity"))
    assert.is_nil(text:find("%%", 1, true))
  end)

  it("is empty for a claim that is right, and an error for one that is not", function()
    assert.are.equal("=", answer [[{"op":"claim","expr":"d(x'*A*x)/dx = (A + A')*x"}]])
    assert.are.equal(
      "!the claimed formula is not right in the denominator layout: right after a transpose only\t"
        .. "  denominator  transposed: (A + A')*x",
      answer [[{"op":"claim","expr":"d(x'*A*x)/dx = x'*(A + A')"}]]
    )
    assert.are.equal("=", answer [[{"op":"claim","expr":"d(x'*A*x)/dx = x'*(A + A')","layout":"numerator"}]])
  end)

  it("is an error whose lines a tab separates", function()
    assert.are.equal(
      "!this `(` is never closed\ttr(A*B\t  ^",
      answer [[{"op":"derivative","expr":"tr(A*B","wrt":"A"}]]
    )
    assert.are.equal(
      "!unknown layout 'nominator'; did you mean denominator?",
      answer [[{"op":"derivative","expr":"x","wrt":"x","layout":"nominator"}]]
    )
    assert.are.equal("!unknown operation 'integral'", answer [[{"op":"integral","expr":"x"}]])
    assert.are.equal('!"wrt" is missing', answer [[{"op":"derivative","expr":"x"}]])
    assert.are.equal('!"expr" must be a string', answer [[{"op":"derivative","expr":1,"wrt":"x"}]])
    assert.is_truthy(answer("{"):find "^!the request is not JSON")
    assert.is_truthy(answer("3"):find "^!the request is not JSON")
  end)

  it("keeps nothing for the next request", function()
    local cache = { count = 0 }
    local request = [[{"op":"derivative","expr":"x'*A*x","wrt":"x"%s}]]
    local plain = latex.answer(cache, request:format "")
    latex.answer(cache, request:format [[,"layout":"numerator","decl":"matrix A(n,n) symmetric"]])
    latex.answer(cache, request:format [[,"layout":"numerator","decl":"matrix A(n"]])
    assert.are.equal(plain, latex.answer(cache, request:format ""))
  end)
end)

describe("nabla latex", function()
  local REQUEST = [[{"op":"derivative","expr":"x'*A*x","wrt":"x","line":4,"file":""}]]

  local function run(lines, options)
    local path = temporary_file(lines)
    os.rename(path, path .. ".nabla")
    local result = shell(("%s latex %s %s"):format(quoted(command.path), path, options or ""))
    local file = io.open(path .. ".nabla-answers")
    local text = file and file:read "a"
    return result, text and file:close() and text, path
  end

  it("writes each answer once, under the request without its place", function()
    local result, text = run(REQUEST .. "\n" .. REQUEST:gsub('"line":4', '"line":5') .. "\n")
    assert.are.equal(0, result.status)
    local heading, request, answered, rest = text:match "^(.-)\n(.-)\n(.-)\n(.*)$"
    assert.are.equal(require("nabla")._VERSION, heading)
    assert.are.equal([[{"op":"derivative","expr":"x'*A*x","wrt":"x"}]], request)
    assert.are.equal([[=\left(\mathbf{A} + \mathbf{A}^\top\right) \mathbf{x}]], answered)
    assert.are.equal("", rest)
  end)

  it("does not compute an answer that is there", function()
    local _, text, path = run(REQUEST .. "\n")
    local again = shell(("%s latex %s"):format(quoted(command.path), path))
    assert.is_truthy(again.out:find("1 answers, 0 of them new, 0 errors", 1, true))
    local fresh = shell(("%s latex %s.tex --fresh"):format(quoted(command.path), path))
    assert.is_truthy(fresh.out:find("1 answers, 1 of them new, 0 errors", 1, true))
    local file = io.open(path .. ".nabla-answers")
    assert.are.equal(text, file:read "a")
    file:close()
  end)

  it("tells an error with its place in the document", function()
    local result, text = run([[{"op":"derivative","expr":"tr(A","wrt":"A","line":12,"file":"part"}]] .. "\n")
    assert.are.equal(1, result.status)
    assert.is_truthy(result.err:find("part.tex:12: this `(` is never closed\ntr(A\n  ^\n", 1, true))
    assert.is_truthy(text:find("!this `(` is never closed", 1, true))
  end)

  it("says that there are no requests", function()
    local result = shell(quoted(command.path) .. " latex /nowhere/paper.tex")
    assert.are.equal(1, result.status)
    assert.is_truthy(result.err:find("cannot read /nowhere/paper.nabla", 1, true))
  end)
end)
