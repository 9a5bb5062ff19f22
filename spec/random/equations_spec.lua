-- Random linear equations in one matrix: sums of up to three terms L*X*R, transposes of X and of the factors among them. A solution
-- is put back by the judge; it may be refused with a reason, never wrong.

local equations = require "spec.support.equations"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local problems = sample.count(500)
local DECL = "matrix A(n,n), matrix B(n,n), matrix C(n,n), matrix D(n,n), matrix F(n,n) spd, matrix G(n,n) symmetric, "
  .. "matrix Q(n,n), matrix X(n,n), scalar a, scalar b positive, vector u(n), vector v(n)"

local least_solved = 0.9

local function generator(seed)
  local state = seed
  local function below(n)
    state = (state * 1103515245 + 12345) % 2147483648
    return state // 65536 % n + 1
  end
  local function one_of(list)
    return list[below(#list)]
  end
  local function side()
    return one_of { "", "", "A", "B", "C'", "F", "G", "A*B", "inv(C)", "(A + D)", "A'", "2*B", "a*C", "b*D" }
  end
  local function term()
    local kind = below(12)
    if kind == 1 then
      return "tr(" .. one_of { "A*X", "X", "X*B" } .. ")*" .. one_of { "C", "D", "I(n)" }
    elseif kind == 2 then
      return one_of { "u*v'*X", "X*u*v'", "u'*X*v*A" }
    end
    local left, right = side(), side()
    local unknown = below(5) == 1 and "X'" or "X"
    return (left ~= "" and left .. "*" or "") .. unknown .. (right ~= "" and "*" .. right or "")
  end
  return function()
    local terms = {}
    for i = 1, below(3) do
      terms[i] = (i > 1 and one_of { " + ", " - " } or "") .. term()
    end
    return table.concat(terms) .. " = " .. one_of { "Q", "C", "Q + A", "-D", "A*Q", "F" }
  end
end

describe("a random linear equation", function()
  local session = nabla.new()
  assert(session:declare(DECL))
  local solved, refused = 0, {}
  local random = generator(20260401)
  for number = 1, problems do
    local text = random()
    it(("%d: %s is solved or refused with a reason"):format(number, text), function()
      local solutions, err = session:solve(text, "X")
      if not solutions then
        assert.is_string(err.message)
        refused[#refused + 1] = text .. ": " .. err.message
        return
      end
      solved = solved + 1
      for _, condition in ipairs(solutions.conditions) do
        if condition.property == "equal" and not condition.known then
          return -- of these right sides only some have a solution
        end
      end
      local values = equations.texts(solutions, { "X" })
      local right, why = equations.holds(text, values, equations.with_free(DECL, solutions))
      assert.is_true(right, tostring(solutions) .. ": " .. tostring(why))
    end)
  end

  it("is solved nearly always", function()
    assert.is_true(solved >= least_solved * problems, table.concat(refused, "\n"))
  end)
end)
