--- `nabla check FILE` says the same wherever it is run, and however the command and the file are spelled.

local sample = require "spec.support.sample"

local root = assert(io.popen "pwd"):read "l"
local FILES = { "rules/algebra/half-vectorisation.rules", "rules/identities/quotients.rules" }

local function shell(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local text = pipe:read "a"
  pipe:close()
  return text
end

-- The report on a file, without its name: the command and the file as they are spelled from a folder.
local function report(folder, command, file)
  local text = shell(("cd '%s' && '%s' check '%s'"):format(folder, command, file))
  return (text:gsub("[%w_./-]+%.rules", "FILE"))
end

describe("nabla check", function()
  local folder = os.tmpname()
  setup(function()
    os.remove(folder)
    shell(("mkdir -p F/deep && ln -s R F/tree && ln -s R/bin/nabla F/nabla"):gsub("[FR]", { F = folder, R = root }))
  end)
  teardown(function()
    shell(("rm -r '%s'"):format(folder))
  end)

  for _, file in ipairs(sample.of(FILES)) do
    local expected
    setup(function()
      expected = report(root, "bin/nabla", file)
      assert.matches("proved", expected)
    end)

    for name, how in sample.pairs({
      ["from another folder of the tree"] = { root .. "/spec", "../bin/nabla", "../" .. file },
      ["by absolute paths"] = { "/", root .. "/bin/nabla", root .. "/" .. file },
      ["by a link to the command"] = { folder, "./nabla", root .. "/" .. file },
      ["by a link to the tree"] = { folder .. "/deep", "../tree/bin/nabla", "../tree/" .. file },
      ["by a link, and the file by its own path"] = { folder, "tree/bin/nabla", root .. "/" .. file },
      ["in the folder of the rules"] = { root .. "/rules", "../bin/nabla", (file:gsub("^rules/", "")) },
    }, 6) do
      it("says the same " .. name .. ": " .. file, function()
        assert.are.equal(expected, report(how[1], how[2], how[3]))
      end)
    end
  end
end)
