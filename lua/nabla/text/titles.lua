--- Titles in languages: `zh "二次型"`, `de "quadratische Form"` after a statement of a rule file.
--
-- What a statement defines keeps its Chinese title as `zh`, and those in other languages in `titles`, by the language's code (ISO 639-1).
-- What has no title in a language has its English name there.
--
-- @module nabla.text.titles

local M = {}

local CODES = {}
for code in
  ([[aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et
  eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko
  kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl
  ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz
  ve vi vo wa wo xh yi yo za zh zu]]):gmatch "%S+"
do
  CODES[code] = true
end

local NAMES = {
  chinese = "zh",
  english = "en",
  french = "fr",
  german = "de",
  italian = "it",
  japanese = "ja",
  korean = "ko",
  portuguese = "pt",
  russian = "ru",
  spanish = "es",
}

--- The code of a language by its name, of a few; else nil.
function M.code_of(name)
  return NAMES[name]
end

--- The set of the codes of languages.
M.codes = CODES

--- Is a word the code of a language?
function M.is_language(word)
  return CODES[word] == true
end

--- Keep a title of a statement.
-- @tparam table thing the statement
-- @tparam string lang
-- @tparam string title
function M.set(thing, lang, title)
  if lang == "zh" then
    thing.zh = title
  else
    thing.titles = thing.titles or {}
    thing.titles[lang] = title
  end
end

--- The title of something in a language, or nil: in English that of a thing whose name is in another language.
-- @tparam table thing what has `zh` and `titles`
-- @tparam string|nil lang nil for English
function M.of(thing, lang)
  if lang == "zh" then
    return thing.zh
  end
  return thing.titles and thing.titles[lang or "en"] or nil
end

--- The languages in which any of some things has a title, besides English and Chinese: a list.
-- @tparam {table,...} things
function M.languages(things)
  local seen, list = {}, {}
  for _, thing in ipairs(things) do
    for lang in pairs(type(thing) == "table" and thing.titles or {}) do
      if not seen[lang] then
        seen[lang] = true
        list[#list + 1] = lang
      end
    end
  end
  table.sort(list)
  return list
end

return M
