-- The scripts of examples/derivations print what stands at their ends, and their solutions make the gradients zero.

local files = require "spec.support.files"
local lfs = require "lfs"
local nabla = require "nabla"

local FOLDER = "examples/derivations"

-- What a program prints, run in this process.
local function printed(path)
  local out = {}
  local env = setmetatable({
    print = function(...)
      local list = table.pack(...)
      for i = 1, list.n do
        list[i] = tostring(list[i])
      end
      out[#out + 1] = table.concat(list, "\t")
    end,
  }, { __index = _G })
  assert(loadfile(path, "t", env))()
  return table.concat(out, "\n")
end

describe("the script", function()
  for name in lfs.dir(FOLDER) do
    if name:find "%.lua$" then
      it(name .. " prints the formulas of the textbooks", function()
        local expected = {}
        for line in files.read(FOLDER .. "/" .. name):gmatch "[^\n]+" do
          expected[#expected + 1] = line:match "^%-%-> ?(.*)$"
        end
        assert.is_true(#expected > 0)
        local found = printed(FOLDER .. "/" .. name):gsub("[ \t]+\n", "\n"):gsub("[ \t]+$", "")
        assert.equal(table.concat(expected, "\n"), found)
      end)
    end
  end
end)

describe("a solution of these scripts", function()
  local CASES = {
    { "matrix A(m,n) fullcolumnrank, vector b(m), vector x(n)", "norm2(A*x - b)^2", "x", "inv(A'*A)*A'*b" },
    {
      "matrix P(n,n) spd, matrix H(m,n), matrix R(m,m) spd, matrix K(n,m)",
      "tr((I(n) - K*H)*P*(I(n) - K*H)' + K*R*K')",
      "K",
      "P*H'*inv(H*P*H' + R)",
    },
    { "vector w(n), vector r(n), matrix R(n,n) spd, scalar q", "q - 2*w'*r + w'*R*w", "w", "inv(R)*r" },
    { "matrix X(N,d), vector r(N) positive, vector mu(d), matrix S(d,d) spd",
      "-tr(inv(S)*(X - ones(N)*mu')'*diag(r)*(X - ones(N)*mu'))/2", "mu", "X'*r/sum(r)" },
    { "matrix A(m,n), vector b(m), vector x(n), scalar l",
      "norm2(A*x - b)^2 - l*(1 + x'*x)", "x", "inv(A'*A - l*I(n))*A'*b" },
    { "matrix Z(n,N), matrix S(n,n) spd, scalar M positive", "M*logdet(S) + tr(Z'*inv(S)*Z)", "S", "Z*Z'/M" },
  }
  for _, case in ipairs(CASES) do
    it("makes the gradient zero: " .. case[4], function()
      local s = assert(nabla.new())
      assert(s:declare(case[1]))
      local g = assert(s:diff(case[2], case[3]))
      local put_in = g:subst(case[3], case[4])
      local zero = s:parse("0*(" .. tostring(put_in) .. ")")
      assert.equal("yes", (s:equal(put_in, zero)))
    end)
  end
end)
