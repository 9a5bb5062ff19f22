-- Matrices of numbers: entries, arithmetic, texts, files.


if not pcall(require, "nabla.numeric.core") then
  return
end

local matrix = require("nabla.numeric").matrix

describe("a matrix", function()
  local A = matrix { { 1, 2, 3 }, { 4, 5, 6 } }

  it("has sizes, entries and parts", function()
    assert.are.same({ 2, 3, 6 }, { A.rows, A.cols, #A })
    assert.are.same({ 4, 2, 6 }, { A(2, 1), A[3], A:at(2, 3) })
    assert.is_nil(A[7])
    assert.are.same({ { 1, 4 }, { 2, 5 }, { 3, 6 } }, A.T:table())
    local B = A:copy():set(2, 1, 9)
    B[1] = 7
    assert.are.same({ { 7, 2, 3 }, { 9, 5, 6 } }, B:table())
    assert.are.same({ { 1, 2, 3 }, { 4, 5, 6 } }, A:table())
    assert.has_error(function()
      return A(3, 1)
    end)
  end)

  it("adds, multiplies, inverts and compares", function()
    local X = matrix { { 2, 1 }, { 1, 1 } }
    assert.are.equal(matrix { { 3, 1 }, { 1, 2 } }, X + matrix.eye(2))
    assert.are.equal(matrix { { 5, 3 }, { 3, 2 } }, X * X)
    assert.are.equal(matrix { { 1, -1 }, { -1, 2 } }, X ^ -1)
    assert.are.equal(X * 2, 2 * X)
    assert.are.equal(-X, X / -1)
    assert.are_not.equal(X, X.T + X)
    assert.are.equal(
      matrix { { 4, 1 }, { 1, 1 } },
      X:map(function(v)
        return v * v
      end)
    )
    for _, wrong in ipairs {
      function()
        return A + X
      end,
      function()
        return A * A
      end,
      function()
        return X + 1
      end,
      function()
        return A ^ 2
      end,
      function()
        return matrix { { 1, 1 }, { 1, 1 } } ^ -1
      end,
      function()
        return matrix { { 1, "a" } }
      end,
      function()
        return matrix.zeros(0, 2)
      end,
    } do
      assert.has_error(wrong)
    end
  end)

  it("refuses a wrong argument at the line that gives it", function()
    for text, message in pairs {
      ["matrix.zeros(-1, -1)"] = "a matrix of -1 x -1 cannot be made: it has at least one entry",
      ["matrix.ones(2, 'x')"] = "a number of columns was expected, found a string",
      ["matrix.eye(2.5)"] = "a number of rows was expected, found 2.5",
      ["matrix.build(2, 0, print)"] = "a matrix of 2 x 0 cannot be made: it has at least one entry",
      ["matrix.build(2, 2)"] = "a function of i and j was expected, found nothing",
      ["matrix.build(2, 2, type)"] = "an entry, a number, was expected, found a string",
      ["matrix { {1, 2}, {3} }"] = "row 2 has 1 entries, the first one 2",
      ["matrix.parse(3)"] = "a text was expected, found 3",
    } do
      local call = assert(load("local matrix = ...\n\nlocal a = " .. text .. "\nreturn a", "=script"))
      local _, err = pcall(call, matrix)
      assert.are.equal("script:3: " .. message, err)
    end
  end)

  it("goes to texts, strings and files and comes back", function()
    local path = os.tmpname()
    local B = matrix.build(3, 2, function(i, j)
      return (i + j) / 7
    end)
    assert.are.equal(B, matrix.parse(B:text()))
    assert.are.equal(B, matrix.frombytes(B:bytes(), 3, 2))
    assert(B:save(path))
    assert.are.equal(B, matrix.load(path))
    assert(B:write(path))
    assert.are.equal(B, matrix.read(path, 3, 2))
    assert.is_nil(matrix.read(path, 4, 2))
    assert.is_nil(matrix.load(path))
    os.remove(path)
    assert.is_nil(matrix.load(path))
    assert.is_nil(matrix.parse "1 2; 3")
    assert.are.equal("         1           2           3\n         4           5           6", tostring(A))
  end)

  it("reads what NumPy writes, rows after rows and of other types", function()
    local function file(descr, order, shape, data)
      local path = os.tmpname()
      local head = string.format("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", descr, order, shape)
      local f = assert(io.open(path, "wb"))
      f:write("\x93NUMPY\1\0", string.pack("<I2", #head), head, data)
      f:close()
      local a, err = matrix.load(path)
      os.remove(path)
      return a, err
    end
    assert.are.equal(A, file("<f8", "False", "(2, 3)", string.pack("<dddddd", 1, 2, 3, 4, 5, 6)))
    assert.are.equal(A, file("<f8", "True", "(2, 3)", string.pack("<dddddd", 1, 4, 2, 5, 3, 6)))
    assert.are.equal(A, file("<i4", "False", "(2, 3)", string.pack("<i4i4i4i4i4i4", 1, 2, 3, 4, 5, 6)))
    assert.are.equal(matrix { 1, 2 }, file("<f4", "False", "(2,)", string.pack("<ff", 1, 2)))
    assert.are.equal(matrix { 1, 2 }, file(">u4", "False", "(2,)", string.pack(">I4I4", 1, 2)))
    assert.are.equal(matrix { 1, 2.0 ^ 64 }, file("<u8", "False", "(2,)", string.pack("<i8i8", 1, -1)))
    assert.are.equal(matrix { 7 }, file("<f8", "False", "()", string.pack("<d", 7)))
    local data = string.pack("<dddddd", 1, 2, 3, 4, 5, 6)
    for _, wrong in ipairs {
      { "<c16", "False", "(1,)", "short" },
      { "<c32", "False", "(1,)" },
      { "<f8", "False", "(2, 3)", "short" },
      { "<i4", "False", "(2, 3)", "short" },
      { "<f8", "Maybe", "(2, 3)" },
      { "<f8", "True", "(-2, 3)" },
      { "<f8", "True", "(0, 3)" },
      { "<f8", "True", "(1, 2, 3)" },
      { "<f8", "True", "(99999999999999999999, 3)" },
      { "<f8", "True", "(2000000000, 2000000000)" },
      { "<i4", "True", "(2000000000, 2000000000)" },
      { "<f8", "True", "2, 3" },
    } do
      local a, err = file(wrong[1], wrong[2], wrong[3], wrong[4] or data)
      assert.is_nil(a, wrong[3])
      assert.are.equal("string", type(err))
    end
  end)
end)
