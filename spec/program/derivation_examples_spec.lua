-- The example programs about derivations run and print what they promise.

local command = require "spec.support.command"

local shell = command.shell

local LUA = 'LUA_PATH="./lua/?.lua;./lua/?/init.lua;;" LUA_CPATH="./build/?.so;;" lua5.4 '

teardown(command.clean)

describe("examples/exercise_sheet.lua", function()
  it("prints ten exercises and their solutions in two languages", function()
    local result = shell(LUA .. "examples/exercise_sheet.lua")
    assert.are.same({ "", 0 }, { result.err, result.status })
    local _, exercises = result.out:gsub("\\item Find ", "")
    local _, solutions = result.out:gsub("\\begin{align%*}", "")
    assert.are.same({ 10, 20 }, { exercises, solutions })
    assert.is_truthy(result.out:find("标量等于其转置", 1, true))
  end)
end)

describe("examples/mark_derivation.lua", function()
  it("finds the line that is wrong, and shows it by numbers", function()
    local result = shell(LUA .. "examples/mark_derivation.lua")
    assert.are.same({ "", 0 }, { result.err, result.status })
    local marks = {}
    for mark in result.out:gmatch "%d%. (%a+)" do
      marks[#marks + 1] = mark
    end
    assert.are.same({ "right", "right", "right", "WRONG", "right" }, marks)
    assert.is_truthy(result.out:find "this line does not follow: exact: %-?%d+ and %-?%d+ at m = 2")
  end)
end)
