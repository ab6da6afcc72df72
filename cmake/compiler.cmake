# One interface library carries the compiler settings, so that a target opts in
# by name and a dependency's headers never see our warnings.
#
# GCC 12 takes an inlined assignment to a std::string for a copy onto itself (its bug 105651), in
# code that has nothing wrong; later versions do not.
add_library(turnomatic_options INTERFACE)

target_compile_options(turnomatic_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wold-style-cast -Woverloaded-virtual
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  $<$<BOOL:${TURNOMATIC_WERROR}>:-Werror>
  -fstack-protector-strong
  $<$<CONFIG:Release>:-g1>)

if(TURNOMATIC_SANITIZE)
  # No vptr check: it opens a pipe to probe memory, and fails when a test has run the server
  # out of descriptors.
  target_compile_options(turnomatic_options INTERFACE
    -fsanitize=${TURNOMATIC_SANITIZE} -fno-sanitize=vptr -fno-omit-frame-pointer
    -fno-sanitize-recover=all
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(turnomatic_options INTERFACE -fsanitize=${TURNOMATIC_SANITIZE})
else()
  target_compile_definitions(turnomatic_options INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
endif()

if(TURNOMATIC_COVERAGE)
  target_compile_options(turnomatic_options INTERFACE --coverage -fno-inline)
  target_link_options(turnomatic_options INTERFACE --coverage)
endif()

# What runs in production cannot have its tables of addresses overwritten.
target_link_options(turnomatic_options INTERFACE $<$<CONFIG:Release>:LINKER:-z,relro,-z,now>)

set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()
