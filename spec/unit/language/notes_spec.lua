-- Notes on what was assumed of a text: a list, from every way in.

local json = require "dkjson"
local nabla = require "nabla"
local notes = require "nabla.text.notes"
local run = require("spec.support.command").run

local TEXT = "k*x'*x + sum(1 + x)"
local TOLD = { "k is read as a scalar: a vector does not fit", "1 stands for ones(n)" }

local s = assert(nabla.new())

-- A list as a plain table.
local function plain(list)
  return list and { table.unpack(list) }
end

describe("the notes on a text", function()
  before_each(function()
    s:reset()
  end)

  it("are the second result of a call that reads it", function()
    for name, call in pairs {
      parse = function()
        return s:parse(TEXT)
      end,
      diff = function()
        return s:diff(TEXT, "x")
      end,
      hessian = function()
        return s:hessian(TEXT, "x")
      end,
      differential = function()
        return s:differential(TEXT)
      end,
      simplify = function()
        return s:simplify(TEXT)
      end,
      expand = function()
        return s:expand(TEXT)
      end,
    } do
      local node, list = call()
      assert.is_truthy(node, name)
      assert.same(TOLD, plain(list), name)
      assert.equal(table.concat(TOLD, "\n"), tostring(list))
    end
  end)

  it("are not there where nothing is assumed", function()
    assert.equal(1, select("#", s:parse "norm2(A*x - b)^2"))
    assert.equal(1, select("#", s:diff("x'*A*x + b", "x")))
    assert.equal(2, select("#", s:equal("tr(A*B)", "tr(B*A)")))
  end)

  it("are told once: what is done with the node has none", function()
    local node = s:parse(TEXT)
    assert.equal(1, select("#", s:diff(node, "x")))
  end)

  it("stand before those on the derivative", function()
    s:declare "matrix S(n,n) symmetric"
    local _, list = s:diff("k*tr(A*S)", "S")
    assert.equal(2, #list)
    assert.equal("k is read as a scalar: then the whole is one", list[1])
    assert.matches("^S is symmetric, but", list[2])
  end)

  it("come after the other results of equal", function()
    local answer, why, example, list = s:equal("k*x'*x", "k*norm2(x)^2")
    assert.same({ "yes", nil }, { answer, example })
    assert.is_string(why)
    assert.same({ "k is read as a scalar: then the whole is one" }, plain(list))
  end)

  it("are among those of identify", function()
    local result = assert(s:identify { formula = "d(k*x'*x)/dx = 2*k*x" })
    assert.equal("right", result.status)
    assert.same({ "k is read as a scalar: then the whole is one" }, plain(result.notes))
    assert.equal("k is read as a scalar: then the whole is one", tostring(result.notes))
  end)

  it("go to standard error, one to a line", function()
    for _, words in ipairs { { "diff", TEXT, "x" }, { "hessian", TEXT, "x" } } do
      local result = run(table.unpack(words))
      assert.equal("note: " .. table.concat(TOLD, "\nnote: ") .. "\n", result.err)
      assert.equal(0, result.status)
    end
    local result = run("equal", "k*x'*x", "k*norm2(x)^2")
    assert.equal("note: k is read as a scalar: then the whole is one\n", result.err)
    result = run("diff", "t*A", "t", "--no-habits")
    assert.equal(1, result.status)
  end)

  it("are a list in the answers of batch", function()
    local batch = require "nabla.command.batch"
    local cache = { count = 0 }
    local function answer(request)
      return json.decode(batch.answer(cache, json.encode(request)))
    end
    assert.same(TOLD, plain(answer({ expr = TEXT, wrt = "x" }).notes))
    assert.is_nil(answer({ expr = "x'*x", wrt = "x" }).notes)
    assert.is_string(answer({ expr = TEXT, wrt = "x", habits = false }).error.message)
    assert.equal("A'", answer({ expr = "t*A", wrt = "t" }).answer)
  end)
end)

describe("a list of notes", function()
  it("is in the order of the text, each note once", function()
    local list = notes.list {
      { text = "last" },
      { pos = 9, text = "c" },
      { pos = 2, text = "a" },
      { pos = 2, text = "b" },
      { pos = 30, text = "a" },
    }
    assert.equal("a\nb\nc\nlast", tostring(list))
    assert.is_nil(notes.list {})
    assert.equal("a\nx", tostring(notes.joined({ "a" }, nil, { "x", "a" })))
    assert.is_nil(notes.joined(nil, nil))
  end)
end)
