-- The documentation: every example of every page is run (spec/support/documents.lua says how), every link leads somewhere, and the
-- index names every page.

local documents = require "spec.support.documents"
local files = require "spec.support.files"
local lfs = require "lfs"
local sample = require "spec.support.sample"

local pages = documents.pages()

-- The anchors of a page, as they are made of its headings.
local function anchors(path)
  local set, fenced = {}, false
  for line in io.lines(path) do
    fenced = fenced ~= (line:find "^```" ~= nil)
    local heading = not fenced and line:match "^#+ +(.*)$"
    if heading then
      local anchor = heading:lower():gsub("[%z\1-\127]", function(c)
        return c:find "[%w_ -]" and c or ""
      end)
      set[anchor:gsub(" ", "-")] = true
    end
  end
  return set
end

-- The links of a page to pages and folders of this tree: { file, anchor }.
local function links(path)
  local folder = path:match "^(.*/)" or ""
  local list, fenced = {}, false
  for line in io.lines(path) do
    fenced = fenced ~= (line:find "^```" ~= nil)
    for target in (fenced and "" or line:gsub("`[^`]*`", "")):gmatch "%]%(([^)]+)%)" do
      if not target:find "^%a+:" then
        local file, anchor = target:match "^([^#]*)#?(.*)$"
        file = file == "" and path or folder .. file
        while file:find "[^/]+/%.%./" do
          file = file:gsub("[^/.]+/%.%./", "", 1)
        end
        list[#list + 1] = { file = file, anchor = anchor }
      end
    end
  end
  return list
end

for _, path in ipairs(sample.of(pages, 6)) do
  describe(path, function()
    local examples = documents.examples(path)
    setup(examples.setup)
    teardown(examples.teardown)
    for _, example in ipairs(examples) do
      it(example.title, function()
        assert.equal(example.run())
      end)
    end
  end)
end

for _, path in ipairs(pages) do
  describe(path, function()
    it("links to what there is", function()
      for _, link in ipairs(links(path)) do
        assert.is_truthy(lfs.attributes(link.file, "mode"), "no file " .. link.file)
        if link.anchor ~= "" then
          assert.is_true(anchors(link.file)[link.anchor], ("no heading #%s in %s"):format(link.anchor, link.file))
        end
      end
    end)

    it("names only files and folders that exist", function()
      local text = files.read(path)
      for name in text:gmatch "| ([%w/_]+)/ |" do
        assert.are.equal("directory", lfs.attributes(name, "mode"), name)
      end
      for name in text:gmatch "`(%l+/[%w_/%-]+%.%a+)`" do
        assert.is_truthy(lfs.attributes(name, "mode") or name:find "^build/", name)
      end
    end)
  end)
end

describe("docs/README.md", function()
  it("leads to every page", function()
    local reached = {}
    for _, link in ipairs(links "docs/README.md") do
      reached[link.file] = true
    end
    for _, path in ipairs(pages) do
      assert.is_true(reached[path] or path == "docs/README.md", path)
    end
  end)
end)
