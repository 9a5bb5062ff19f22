-- One derivative by several ways: of a scalar f by X, reverse mode (the gradient), the Jacobian of the vec layout, the blocks, and
-- forward mode (the derivative by t of f at X + t*V, at t = 0) must give the same numbers. And of any F by X: the vec layout,
-- the entries one by one, forward mode.

local generator = require "spec.random.generator"
local judge = require "spec.judge"
local nabla = require "nabla"
local sample = require "spec.support.sample"
local trial = require "spec.random.trial"

local problems = sample.count(60)

-- The text of an expression with another text in the place of a name.
local function put(text, name, by)
  return (text:gsub("%f[%w_]" .. name .. "%f[^%w_]", by))
end

local sessions = {}

local function derivative(layout, expr, decl, wrt)
  sessions[layout] = sessions[layout] or nabla.new { layout = layout }
  local s = sessions[layout]
  s:reset()
  s:declare(table.unpack(decl))
  return s:diff(expr, wrt)
end

-- What D(f, x) means is a matter of the layout, so each text is judged in that of its own; here all are read as values.
local function value(problem, text, layout, decl)
  local list = judge.declarations(decl)
  local options = { layout = layout, at = { tau = 0 }, whole = { k = true } }
  local self = judge.instance(list, problem.sizes[1], problem.expr, options)
  return judge.evaluate(self, text)
end

local function close(a, b, what)
  assert.are.equal(a.rows .. " x " .. a.cols, b.rows .. " x " .. b.cols, what)
  local scale = 1e-3
  for k = 1, #a do
    scale = math.max(scale, math.abs(a[k]), math.abs(b[k]))
  end
  for k = 1, #a do
    assert.is_true(math.abs(a[k] - b[k]) <= 1e-7 * scale, what)
  end
end

-- The declarations with a scalar tau and a direction of the shape of the variable.
local function with_direction(problem)
  local decl = { table.unpack(problem.decl) }
  local kind, shape = decl[1]:match "^(%a+) %a+(%b())"
  decl[#decl + 1] = "scalar tau"
  decl[#decl + 1] = kind .. " direction" .. shape
  return decl
end

local function moved(problem)
  return put(problem.expr, problem.wrt, "(" .. problem.wrt .. " + tau*direction)")
end

local function answers(problem, layouts)
  local decl, result = with_direction(problem), {}
  for _, layout in ipairs(layouts) do
    local answer, err = derivative(layout, problem.expr, problem.decl, problem.wrt)
    assert.is_truthy(answer, err)
    result[layout] = "(" .. tostring(answer) .. ")"
  end
  local forward, err = derivative("numerator", moved(problem), decl, "tau")
  assert.is_truthy(forward, err)
  result.forward = tostring(forward)
  return result, decl
end

-- Problems whose text means the same in every layout: those without the derivative of an unknown function.
local function each_problem(seed, options, body)
  local g = generator.new(seed, options)
  local count = 0
  while count < problems do
    local problem = g:problem(1 + count % 6)
    if not problem.expr:find "%f[%w]D%(" then
      count = count + 1
      it(string.format("agree about %s", trial.describe(problem)), function()
        body(problem)
      end)
    end
  end
end

for _, by in ipairs { "vector", "matrix" } do
  describe("reverse mode, forward mode, vec and block layout of a scalar by a " .. by, function()
    each_problem(
      "scalar by " .. by,
      { of = "scalar", by = by, plain = true, layouts = { "vec" } },
      function(problem)
        local text, decl = answers(problem, { "denominator", "numerator", "vec", "block" })
        local function at(layout, form)
          return value(problem, (form or "%s"):gsub("%%s", (text[layout]:gsub("%%", "%%%%"))), layout, decl)
        end
        local gradient = at "denominator"
        close(gradient, at("numerator", "%s'"), "denominator and numerator layout")
        close(gradient, at "block", "denominator and block layout")
        close(at("denominator", "vec(%s)'"), at "vec", "gradient and vec layout")
        close(
          at("denominator", "sum(%s.*direction)"),
          value(problem, text.forward, "numerator", decl),
          "reverse and forward mode"
        )
      end
    )
  end)
end

describe("forward mode and the vec layout of a matrix by a matrix", function()
  each_problem(
    "matrix by matrix",
    { of = "matrix", by = "matrix", plain = true, layouts = { "vec" } },
    function(problem)
      local text, decl = answers(problem, { "vec" })
      close(
        value(problem, text.vec .. "*vec(direction)", "vec", decl),
        value(problem, "vec(" .. text.forward .. ")", "numerator", decl),
        "vec layout and forward mode"
      )
    end
  )
end)
