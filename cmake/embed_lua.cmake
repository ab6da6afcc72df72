# Runs when a Lua file has changed: writes one C++ file that holds all scripts with their hashes.
#   cmake -D OUTPUT=FILE -D DIRECTORY=DIRECTORY -D SCRIPTS=NAME;... -P embed_lua.cmake
file(READ ${DIRECTORY}/store_record.lua store_record)
set(rows "")
foreach(name IN LISTS SCRIPTS)
  file(READ ${DIRECTORY}/${name}.lua lua)
  if(lua MATCHES "meet_store\\(")
    string(PREPEND lua "${store_record}")
  endif()
  string(SHA1 sha "${lua}")
  string(APPEND rows "    {\"${name}\", R\"lua(${lua})lua\", \"${sha}\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made by cmake/embed_lua.cmake.
#include \"backend/redis/wire/scripts.hpp\"

namespace turnomatic::redis {

constinit const std::array<script, script_count> embedded_scripts{{
${rows}}};

}  // namespace turnomatic::redis
")
