-- Places in a text and the errors that point at them.

local errors = require "nabla.text.errors"

local spelling = require "nabla.text.spelling"

local function at(text, pos, more)
  local fields = { text = text, pos = pos, message = "wrong" }
  for key, value in pairs(more or {}) do
    fields[key] = value
  end
  return errors.at(fields)
end

describe("errors.at", function()
  it("counts lines from 1 and columns in characters", function()
    local err = at("a\nαβ + ?", #"a\nαβ + " + 1)
    assert.equal(2, err.line)
    assert.equal(6, err.column)
    assert.equal("αβ + ?", err.text_line)
  end)

  it("prints the file, the place, the line, a caret and the hint", function()
    local err = at("x\ny + ?", 7, { file = "f.rules", hint = "write z" })
    assert.equal("f.rules:2:5: wrong\ny + ?\n    ^\nhint: write z", tostring(err))
  end)

  it("prints without a file and without a hint", function()
    assert.equal("1:1: wrong\nx\n^", tostring(at("x", 1)))
  end)

  it("points behind the last character at the end of the text", function()
    assert.equal("1:3: wrong\nx+\n  ^", tostring(at("x+", 3)))
  end)

  it("points at the end of a line when the place is its newline", function()
    assert.equal("1:3: wrong\nx+\n  ^", tostring(at("x+\ny", 3)))
  end)

  it("moves a place outside the text to its nearest end", function()
    assert.equal(1, at("xy", -5).column)
    assert.equal(3, at("xy", 99).column)
  end)

  it("keeps tabs before the caret", function()
    assert.equal("1:3: wrong\n\tx?\n\t ^", tostring(at("\tx?", 3)))
  end)

  it("gives a Chinese character two columns of the caret's line", function()
    assert.equal("1:3: wrong\n矩阵?\n    ^", tostring(at("矩阵?", 7)))
  end)

  it("leaves out the carriage return of a line end", function()
    assert.equal("xy", at("xy\r\nz", 1).text_line)
  end)

  it("shows a window of a long line", function()
    local err = at(("a"):rep(1000) .. "?" .. ("b"):rep(1000), 1001)
    local head, line, caret = tostring(err):match "^([^\n]*)\n([^\n]*)\n([^\n]*)$"
    assert.equal("1:1001: wrong", head)
    assert.equal(106, #line)
    assert.equal("?", line:sub(#caret, #caret))
  end)

  it("shows the beginning of a long line when the caret is there", function()
    local line = tostring(at("?" .. ("b"):rep(1000), 1)):match "\n([^\n]*)\n"
    assert.equal("?" .. ("b"):rep(99) .. "...", line)
  end)

  it("prints bytes that are not UTF-8 and control characters without failing", function()
    assert.equal("1:4: wrong\n�?�x\n   ^", tostring(at("\xff\27\xedx", 4)))
  end)

  it("is told from other tables", function()
    assert.is_true(errors.is_error(at("x", 1)))
    assert.is_false(errors.is_error { message = "wrong" })
    assert.is_false(errors.is_error "wrong")
    assert.is_false(errors.is_error(nil))
  end)
end)

describe("errors.check_utf8", function()
  it("accepts UTF-8", function()
    assert.is_nil(errors.check_utf8 "")
    assert.is_nil(errors.check_utf8 "A ⊗ 矩阵 \u{1D400}")
  end)

  local cases = {
    { "a lone byte", "ab\n\xffc", 2, 1, "byte 0xFF is not UTF-8" },
    { "a cut character", "x\xe2\x8a", 1, 2, "byte 0xE2 is not UTF-8" },
    { "a surrogate", "xy\xed\xa0\x80", 1, 3, "byte 0xED is not UTF-8" },
    { "an overlong form", "\xc0\x80", 1, 1, "byte 0xC0 is not UTF-8" },
  }
  for _, case in ipairs(cases) do
    local what, text, line, column, message = table.unpack(case)
    it("refuses " .. what, function()
      local err = errors.check_utf8(text, "f")
      assert.same({ "f", line, column, message }, { err.file, err.line, err.column, err.message })
    end)
  end
end)

describe("spelling.nearest", function()
  local known = { "det", "tr", "kron", "inv", "x", "softmax", "determinant", "α" }
  local cases = {
    { "dte", "det", "two neighbours swapped" },
    { "dett", "det", "a letter too many" },
    { "kon", "kron", "a letter missing" },
    { "Kron", "kron", "a capital" },
    { "X", "x", "a capital alone" },
    { "softmxa", "softmax", "a swap in a longer name" },
    { "determinat", "determinant", "a letter missing in a long name" },
    { "dterminan", "determinant", "two letters missing in a long name" },
  }
  for _, case in ipairs(cases) do
    local name, meant, why = table.unpack(case)
    it(("finds %s for %s: %s"):format(meant, name, why), function()
      assert.equal(meant, spelling.nearest(name, known))
    end)
  end

  for _, name in ipairs { "y", "id", "foo", "trace", "β", "inverse", "" } do
    it(("finds nothing for %q"):format(name), function()
      assert.is_nil(spelling.nearest(name, known))
    end)
  end

  it("finds nothing for a name that is known", function()
    assert.is_nil(spelling.nearest("det", { "dett", "det" }))
  end)

  it("takes a table whose keys are names", function()
    assert.equal("det", spelling.nearest("dtt", { det = true, kron = 2 }))
  end)

  it("takes the first in alphabetical order of equally near names", function()
    assert.equal("sin", spelling.nearest("sxn", { "son", "sin", "sun" }))
  end)
end)
