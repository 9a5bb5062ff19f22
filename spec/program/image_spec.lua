-- Images: a session that is filled from one is the session that has read the rules; an image that does not hold is left alone.

local core = require "nabla.core"
local files = require "spec.support.files"
local image = require "nabla.session.image"
local lfs = require "lfs"
local nabla = require "nabla"
local paths = require "nabla.rules.paths"
local sample = require "spec.support.sample"

local path = os.tmpname()

local function session_that_reads()
  return assert(nabla.new { default_rules = false, rules = paths.own "default.rules" })
end

-- The tables of a session with handles as their ids, for comparison.
local function plain(value)
  if type(value) == "userdata" then
    local _, id = core.unwrap(value)
    return { handle = id }
  elseif type(value) ~= "table" then
    return value
  end
  local copy = {}
  for k, v in pairs(value) do
    copy[k] = plain(v)
  end
  return copy
end

local function tables_of(session)
  local all = {}
  for name, value in pairs(session) do
    all[name] = name ~= "S" and plain(value) or nil
  end
  return all
end

-- An empty session, and whether an image of these bytes fills it.
local function restored_from(bytes)
  local other = os.tmpname()
  files.write(other, bytes)
  local session = { untouched = true }
  local done = image.restore(session, other)
  os.remove(other)
  return done, session
end

local function refused(bytes)
  local done, session = restored_from(bytes)
  assert.is_false(done)
  assert.are.same({ untouched = true }, session)
end

-- An image whose own digest is right, with its lines changed.
local function with_lines(bytes, pattern, replacement)
  local _, rest = bytes:match "^([^\n]*)\n(.*)$"
  local changed, count = rest:gsub(pattern, replacement, 1)
  assert.are.equal(1, count)
  return string.format("nabla image 5 %016x\n", core.digest(changed)) .. changed
end

describe("an image", function()
  local bytes
  setup(function()
    assert(image.write(path))
    bytes = files.read(path)
  end)
  teardown(function()
    os.remove(path)
  end)

  sample.whole(it)("makes the session that reading makes", function()
    local read = session_that_reads()
    local store = read.S:image()
    local restored = nabla.new { default_rules = false }
    assert.is_true(image.restore(restored, path))
    assert.are.same(tables_of(read), tables_of(restored))
    assert.is_nil(restored.S:check())
    assert.is_true(store == restored.S:image())
  end)

  sample.whole(it)("is the same bytes each time it is written", function()
    -- a file's stamp is left out while the file is new, and the first line is a digest of all behind it
    local function without_stamps(text)
      return (text:gsub("^[^\n]*\n", ""):gsub("\n(%x+) %S+ (%a+ [^\n]*)", "\n%1 %2"))
    end
    local again = os.tmpname()
    assert(image.write(again))
    assert.is_true(without_stamps(bytes) == without_stamps(files.take(again)))
  end)

  sample.whole(it)("leaves its session free to read, to take away and to fail", function()
    local session, read = nabla.new { default_rules = false }, session_that_reads()
    assert.is_true(image.restore(session, path))
    session:reset()
    for _, s in ipairs { session, read } do
      assert(
        s:rule 'operator foo(X(m,n)): matrix (m,n)  linear\nlet matrix A\nrule "foo twice"  foo(foo(A)) -> A'
      )
      assert.are.equal("A", tostring(s:parse "foo(foo(A))"))
      local ok, err = s:rule 'rule "det of one"  det(I(n)) -> 1'
      assert.is_nil(ok)
      assert.matches("already", tostring(err))
    end
    assert.are.equal(read.S:rule_count(), session.S:rule_count())
    assert.are.equal(tostring(read:diff("tr(A*X*B*X')", "X")), tostring(session:diff("tr(A*X*B*X')", "X")))
  end)

  sample.whole(it)("leaves its session the order of rules that reading gives", function()
    local texts = {}
    for i, s in ipairs { assert(nabla.new()), session_that_reads() } do
      s:declare "matrix X(m,n), vector y(n), vector z(p) positive, matrix A(n,m), matrix B(n,p+n)"
      texts[i] = tostring(s:diff("sigmoid(y).*(B*[z; A*X*y])", "X", { layout = "vec" }))
    end
    assert.are.equal(texts[1], texts[2])
  end)

  it("leaves the tables that few sessions look into as bytes, until one does", function()
    local session = {}
    assert.is_true(image.restore(session, path))
    local count = 0
    for _, tables in ipairs { { session.rules, session.repeated }, session.layouts, session.conventions } do
      for name, t in pairs(tables) do
        assert.is_true(name == "free" or getmetatable(t) ~= nil)
        count = count + 1
      end
    end
    for _, notation in pairs(session.notations) do
      assert.is_true(not notation.programs or getmetatable(notation.programs) ~= nil)
    end
    assert.is_true(count > 10)
    assert.are.equal("denominator", session.layouts.denominator.name)
    assert.is_nil(getmetatable(session.layouts.denominator))
  end)

  it("survives collections", function()
    local s = nabla.new { default_rules = false }
    assert.is_true(image.restore(s, path))
    s:reset()
    for _ = 1, 3 do
      s.S:collect()
      assert.is_nil(s.S:check())
      assert.are.equal(
        "2*A'*(A*x - b)",
        tostring(s:diff("norm2(A*x - b)^2", "x", { layout = "denominator" }))
      )
    end
  end)

  it("is refused when its bytes are not what was written", function()
    refused ""
    refused "nabla image 5"
    refused(bytes:sub(1, -2))
    refused(bytes .. "\0")
    for _, at in ipairs { 1, 20, 500, #bytes // 2, #bytes } do
      refused(bytes:sub(1, at - 1) .. string.char(bytes:byte(at) ~ 1) .. bytes:sub(at + 1))
    end
  end)

  it("is used only where nobody else can have written it", function()
    local function fills()
      return image.restore({}, path)
    end
    assert.is_true(fills())
    for _, mode in ipairs { "666", "620", "602" } do
      os.execute("chmod " .. mode .. " " .. path)
      assert.is_false(fills())
      os.execute("chmod 600 " .. path)
      assert.is_true(fills())
    end
    if io.popen("id -u"):read "l" == "0" then
      os.execute("chown 12345 " .. path)
      assert.is_false(fills())
      os.execute("chown 0 " .. path)
    end
  end)

  it("is refused when a file that it was made of is another now, or gone", function()
    assert.is_true((restored_from(with_lines(bytes, "x", "x"))))
    for _, kind in ipairs { "rules", "module", "engine" } do
      refused(with_lines(bytes, "%x%x %S+ (" .. kind .. " )", function(rest)
        return "zz - " .. rest
      end))
      refused(with_lines(bytes, "(%x%x%x%x%x%x%x%x) %S+ (" .. kind .. " )", "00000000 %1 - %2"))
      refused(with_lines(bytes, "( " .. kind .. " )", "%1no"))
    end
  end)

  it("reads a file again of which the stamp is another, and no other", function()
    assert.is_true((restored_from(with_lines(bytes, "(%x%x) %S+ (engine )", "%1 - %2"))))
    local stamp = core.file.stamp(package.searchpath("nabla.core", package.cpath))
    assert.is_true((restored_from(with_lines(bytes, "%x+ %S+ (engine )", "0 " .. stamp .. " %1"))))
  end)

  it("stands for the rules that come with nabla, not for others of the name", function()
    local old = lfs.currentdir()
    local folder = os.tmpname()
    os.remove(folder)
    lfs.mkdir(folder)
    files.write(folder .. "/default.rules", "operator bar(x): scalar")
    lfs.chdir(folder)
    local session = { untouched = true }
    local done = image.restore(session, path)
    lfs.chdir(old)
    os.remove(folder .. "/default.rules")
    lfs.rmdir(folder)
    assert.is_false(done)
    assert.is_true(session.untouched)
  end)

  sample.whole(it)("that cannot be written says why", function()
    local done, why = image.write "/nowhere/at/all.image"
    assert.is_nil(done)
    assert.matches("No such file", why)
  end)
end)

describe("the stamp of a file", function()
  it("is another after each writing once it has settled", function()
    local file = files.temporary "one"
    local _, settled = core.file.stamp(file)
    assert.is_false(settled)
    os.execute "sleep 0.5" -- of the file systems that count in nanoseconds; others need two seconds
    local before, later = core.file.stamp(file)
    assert.is_true(later)
    files.write(file, "two")
    assert.are_not.equal(before, (core.file.stamp(file)))
    os.remove(file)
    assert.is_nil(core.file.stamp(file))
  end)
end)

describe("an installation without an image", function()
  local here = lfs.currentdir()
  local folder = os.tmpname()
  os.remove(folder)

  setup(function()
    lfs.mkdir(folder)
    lfs.mkdir(folder .. "/nabla")
    files.write(
      folder .. "/nabla/core.so",
      files.read(assert(package.searchpath("nabla.core", package.cpath)))
    )
  end)
  teardown(function()
    os.execute("rm -r " .. folder)
  end)

  local function output(line)
    local pipe = io.popen(line)
    local text = pipe:read "a"
    pipe:close()
    return text
  end

  -- The line of shell that runs a program of Lua with these settings of the environment.
  local function line_of(program, environment, cpath)
    local modules = here .. "/lua/?.lua;" .. here .. "/lua/?/init.lua;"
    local start = string.format("package.path = %q .. package.path; ", modules)
    return string.format(
      "env %s LUA_CPATH='%s/?.so;;' lua5.4 -e '%s' 2>&1",
      environment,
      cpath or folder,
      start .. program
    )
  end

  local COMMAND = [[require("nabla.command.main").main { "diff", "a*b", "a" }]]
  local SCRIPT = [[print(require("nabla").new():diff("a*b", "a"))]]
  local RESTORED = [[print(require("nabla.session.image").restore {})]]
  local count = 0

  -- A name for a cache that is not there yet, and how to say it to `env`.
  local function new_cache()
    count = count + 1
    local cache = folder .. "/a b" .. count
    return cache .. "/nabla", '"XDG_CACHE_HOME=' .. cache .. '"'
  end

  local function images(cache)
    local list = {}
    for name in lfs.dir(cache) do
      list[#list + 1] = name:sub(1, 1) ~= "." and name or nil
    end
    return list
  end

  for name, program in sample.pairs({ command = COMMAND, script = SCRIPT }, 2) do
    it("has one in the user's cache from the first " .. name .. " on", function()
      local cache, set = new_cache()
      assert.are.equal("false\n", output(line_of(RESTORED, set)))
      assert.are.equal("b\n", output(line_of(program, set)))
      assert.are.equal("true\n", output(line_of(RESTORED, set)))
      assert.are.equal("b\n", output(line_of(program, set)))
      local list = images(cache)
      assert.are.equal(1, #list)
      assert.matches("^%x+%.image$", list[1])
      assert.are.equal("rw-------", lfs.attributes(cache .. "/" .. list[1], "permissions"))
    end)
  end

  sample.whole(it)("has one for all working folders and spellings of its path", function()
    local cache, set = new_cache()
    for _, from in ipairs { "/", folder, here } do
      assert.are.equal("b\n", output("cd " .. from .. " && " .. line_of(SCRIPT, set)))
    end
    assert.are.equal("true\n", output("cd " .. folder .. " && " .. line_of(RESTORED, set, ".")))
    assert.are.equal("true\n", output("cd / && " .. line_of(RESTORED, set, folder .. "/nabla/..")))
    assert.are.equal(1, #images(cache))
  end)

  sample.whole(it)("has none where there can be none", function()
    local places = {
      "XDG_CACHE_HOME=/proc/nowhere",
      "-u XDG_CACHE_HOME -u HOME",
      "-u XDG_CACHE_HOME HOME=/proc",
      "-u XDG_CACHE_HOME HOME=/dev/null",
      "-u XDG_CACHE_HOME HOME=relative",
      "XDG_CACHE_HOME=" .. folder .. "/nabla/core.so",
      "XDG_CACHE_HOME=/" .. ("long/"):rep(2000),
    }
    for _, set in ipairs(sample.of(places, 3)) do
      assert.are.equal("b\n", output(line_of(SCRIPT, set)))
      assert.are.equal("false\n", output(line_of(RESTORED, set)))
    end
  end)

  sample.whole(it)("keeps none in a folder where others may write", function()
    local cache, set = new_cache()
    lfs.mkdir(folder .. "/a b" .. count)
    lfs.mkdir(cache)
    os.execute("chmod 777 '" .. cache .. "'")
    assert.are.equal("b\n", output(line_of(SCRIPT, set)))
    assert.are.same({}, images(cache))
    os.execute("chmod 755 '" .. cache .. "'")
    assert.are.equal("b\n", output(line_of(SCRIPT, set)))
    assert.are.equal(1, #images(cache))
  end)

  sample.whole(it)("keeps the newest four", function()
    local cache, set = new_cache()
    lfs.mkdir(folder .. "/a b" .. count)
    lfs.mkdir(cache)
    for i = 1, 6 do
      local old = string.format("%s/-%d.image", cache, i)
      files.write(old, "old")
      lfs.touch(old, os.time() - 1000 * i)
    end
    for i, age in ipairs { 10, 100 * 60 * 60 } do
      local left = string.format("%s/-1.image.%d.0", cache, i)
      files.write(left, "half of a")
      lfs.touch(left, os.time() - age)
    end
    assert.are.equal("b\n", output(line_of(SCRIPT, set)))
    local list = images(cache)
    table.sort(list)
    assert.are.equal("-1.image -1.image.1.0 -2.image -3.image", table.concat(list, " ", 1, 4))
    assert.are.equal(5, #list)
    assert.are.equal("true\n", output(line_of(RESTORED, set)))
  end)

  sample.whole(it)("writes one image from several processes at once", function()
    local cache, set = new_cache()
    local line = line_of(SCRIPT, set)
    assert.are.equal(("b\n"):rep(4), output(("(" .. line .. ") & "):rep(4) .. "wait"))
    assert.are.equal(1, #images(cache))
    assert.are.equal("true\n", output(line_of(RESTORED, set)))
  end)

  it("writes through no link that stands where its new file would", function()
    local cache, set = new_cache()
    lfs.mkdir(folder .. "/a b" .. count)
    lfs.mkdir(cache)
    local target = folder .. "/target"
    files.write(target, "precious")
    local program = [[local file = require("nabla.core").file
      local pid = io.open("/proc/self/stat"):read "n"
      local path = os.getenv "XDG_CACHE_HOME" .. "/nabla/new"
      os.execute("ln -s ]] .. target .. [[ \"" .. path .. "." .. pid .. ".0\"")
      print(file.write(path, "text"))]]
    assert.are.equal("true\n", output(line_of(program, set)))
    assert.are.equal("precious", files.read(target))
    assert.are.equal("text", files.read(cache .. "/new"))
  end)
end)

describe("the image of a store", function()
  it("needs the nodes in the order in which they were made", function()
    local S = core.new()
    local function refuses()
      local ok, err = pcall(S.image, S)
      assert.is_false(ok)
      assert.matches("collection", err.message)
    end
    S:symbol("x", 0, 0, 1, 1)
    S:symbol("z", 0, 0, 1, 1)
    local y = S:symbol("y", 0, 0, 1, 1)
    local keep = S:handle(y)
    S:collect()
    refuses() -- gaps
    S:power(y, S:rational(5)) -- in the places of x and z: before y
    refuses()
    assert.is_truthy(keep)
  end)

  it("holds numbers of any size, sizes with fractions, and every name", function()
    local S = core.new()
    local n = S:dim "n"
    local half = S:dimmul(S:dimmul(n, S:dimadd(n, 1)), S:dim(1, 2))
    local big = S:rational("1" .. ("0"):rep(60))
    local x = S:symbol("größe", 2, 0, half, n)
    local y = S:product { big, x }
    local T = core.new(S:image())
    assert.are.equal(S:dimtext(half), T:dimtext(half))
    assert.are.equal(S:number(big), T:number(big))
    assert.are.equal("größe", T:name(x))
    assert.are.equal(y, T:product { big, x })
    assert.is_nil(T:check())
  end)

  it("is refused when it is none", function()
    local bytes = core.new():image()
    for _, other in ipairs { "", "x", bytes:sub(1, -5), bytes .. "\0\0\0\0", ("\0"):rep(400) } do
      local ok, err = pcall(core.new, other)
      assert.is_false(ok)
      assert.are.equal("this is no image of a store", err.message)
    end
  end)

  -- An image of a store with the rule bar(bar(A)) -> the right side, and an expression as deep as that; and its id.
  local function with_rule(right, depth)
    local s = assert(nabla.new { default_rules = false, rules = {} })
    assert(s:rule "operator baz(X(n,n)): matrix (n,n)\noperator bar(X(n,n)): matrix (n,n)")
    assert(s:rule('let matrix A(n,n)\nrule "r" bar(bar(A)) -> ' .. right))
    local n = s.S:dim "n"
    local deep = s.S:symbol("Z", core.constants.kinds.matrix, 0, n, n)
    for _ = 1, depth do
      deep = s.S:apply("baz", { deep })
    end
    return s.S:image(), deep, s.S:handle(deep)
  end

  -- An image of a store with a rule of that depth on one side, and the right digest. Two images that differ in a rule's
  -- right side only show where it is; the left side is the word before it.
  local function with_rule_of(depth, side)
    local bytes, deep = with_rule("bar(A)", depth)
    local other = with_rule("A", depth)
    local at = 1
    while bytes:byte(at) == other:byte(at) do
      at = at + 1
    end
    at = (at - 1) // 4 * 4 + 1 - (side == "left" and 4 or 0)
    local body = bytes:sub(1, at - 1) .. string.pack("<I4", deep) .. bytes:sub(at + 4, -13)
    return body .. string.pack("<I4i8", 8, core.digest(body))
  end

  for _, side in ipairs(sample.of { "left", "right" }) do
    it("is refused when the " .. side .. " side of a rule is deeper than a rule file may have it", function()
      assert.is_nil(core.new(with_rule_of(40, side)):check())
      for _, depth in ipairs { 60, 1000, 100000 } do
        local ok, err = pcall(core.new, with_rule_of(depth, side))
        assert.is_false(ok)
        assert.are.equal("this is no image of a store", err.message)
      end
    end)
  end

  sample.whole(it)("that is forged, with the right digest, does no harm", function()
    local line = "LUA_PATH='./lua/?.lua;./lua/?/init.lua;;' LUA_CPATH='%s' "
      .. "lua5.4 spec/support/forged_images.lua 1 %d %d 2>&1"
    local pipe = io.popen(line:format(package.cpath, sample.count(2000, 10), sample.count(40, 10)))
    local out = pipe:read "a"
    assert.is_true(pipe:close(), out)
    local least = sample.count(200, 10)
    local loaded, turned_down = out:match "^(%d+) loaded, (%d+) refused\n$"
    assert.is_true(loaded and tonumber(loaded) > least and tonumber(turned_down) > least, out)
  end)
end)
