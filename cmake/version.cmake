# The revision is read at configure time; a source archive without .git says "unknown".
set(TURNOMATIC_REVISION "unknown")
find_package(Git QUIET)
if(GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse --short=12 HEAD
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    OUTPUT_VARIABLE git_revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
    RESULT_VARIABLE git_status)
  if(git_status EQUAL 0)
    set(TURNOMATIC_REVISION ${git_revision})
  endif()
endif()
