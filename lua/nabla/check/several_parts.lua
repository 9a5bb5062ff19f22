--- Statements of several parts: the cases of a loop, the forms of an identity, the rows of a layout.
--
-- @module nabla.check.several_parts

local loops = require "nabla.rules.loops"
local problem = require "nabla.check.problem"
local proof = require "nabla.check.proof"

local M = {}

local PROVED, FAILED, OPEN = proof.PROVED, proof.FAILED, proof.OPEN

local Parts = {}
Parts.__index = Parts

--- The verdict of a statement of several parts: one that fails decides, then one that cannot be checked; proofs are put together.
function M.new()
  return setmetatable({ verdict = PROVED }, Parts)
end

--- Add a part; true if it fails.
function Parts:add(verdict, detail)
  if verdict == FAILED or verdict == OPEN then
    self.verdict, self.detail = verdict, detail
  elseif self.verdict == PROVED then
    self.detail = proof.together(self.detail, detail)
  end
  return verdict == FAILED
end

function Parts:result()
  return self.verdict, self.detail
end

--- The verdict of a statement with loops: it must hold in each case.
-- @tparam table checker
-- @tparam table known name -> declaration
-- @tparam table st the statement
-- @tparam function trees_of (case) -> the trees that are evaluated
-- @tparam function test_of (case) -> the test, see nabla.check.proof
-- @tparam[opt] boolean sides are the trees two sides, of one shape?
-- @tparam[opt] table means `convention`, `layout` of the derivatives in them
function M.each_case(checker, known, st, trees_of, test_of, sides, means)
  local all = M.new()
  for _, s in ipairs(loops.unrolled(checker.session, st)) do
    local p = problem.new(checker, known, trees_of(s), s.conditions, sides, means and means.symbols)
    if means then
      p.convention, p.layout = means.convention, means.layout
    end
    if all:add(proof.prove(p, test_of(s))) then
      break
    end
  end
  return all:result()
end

return M
