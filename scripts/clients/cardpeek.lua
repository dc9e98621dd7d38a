-- Reads an EMV card with cardpeek's own script, and writes what it found to card.xml at home:
--   yes 1 | cardpeek -c -r READER -e 'dofile("cardpeek.lua")'
-- The answers are to its questions: whether to make its folder, and to issue commands. The first
-- run makes the folder and no more.
local function read()
  require("scripts.lib.apdu")
  package.path = os.getenv("HOME") .. "/.cardpeek/scripts/?.lua;" .. package.path
  dofile(os.getenv("HOME") .. "/.cardpeek/scripts/emv.lua")
  ui.save_view(os.getenv("HOME") .. "/card.xml")
end

local done, why = pcall(read)
print(done and "read" or why)
os.exit(done and 0 or 1)
