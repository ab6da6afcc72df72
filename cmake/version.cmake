# The revision is read at configure time. Sources without .git (an archive, the context of a container's
# build) have it in SOURCE_REVISION, or say "unknown".
set(TURNOMATIC_REVISION "unknown")
if(NOT "$ENV{SOURCE_REVISION}" STREQUAL "")
  set(TURNOMATIC_REVISION "$ENV{SOURCE_REVISION}")
endif()
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
