-- For the scripts of the store, which scripts/lint shows to luacheck.
std = 'lua51'
read_globals = {
  'redis', 'cmsgpack', 'KEYS', 'ARGV',
  'meet_store', 'stamp', 'stamps_of', 'without',  -- of store_record.lua
}
max_line_length = 100
files['**/store_record.lua'] = {ignore = {'211'}}  -- each script uses some of its functions
