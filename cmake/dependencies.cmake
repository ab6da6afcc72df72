# Debian 12 packages only; scripts/install-packages lists them.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB 1.2 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
# The core library alone: the exposer in "pull" opens a web server of its own.
pkg_check_modules(prometheus_core REQUIRED IMPORTED_TARGET prometheus-cpp-core)
find_package(tomlplusplus REQUIRED)

# Asio is compiled once, here, instead of in every file that includes it.
add_library(turnomatic_asio STATIC ${CMAKE_CURRENT_LIST_DIR}/asio.cpp)
target_link_libraries(turnomatic_asio
  PUBLIC Boost::headers OpenSSL::SSL Threads::Threads
  PRIVATE turnomatic_options)
target_compile_definitions(turnomatic_asio PUBLIC
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION)
if(TURNOMATIC_SANITIZE STREQUAL "thread")
  # This sanitizer does not understand fences; Asio does without them where it can.
  target_compile_definitions(turnomatic_asio PUBLIC BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()

# Boost.URL as well: the package of the headers brings its sources along.
add_library(turnomatic_url STATIC ${CMAKE_CURRENT_LIST_DIR}/boost_url.cpp)
target_link_libraries(turnomatic_url PUBLIC Boost::headers PRIVATE turnomatic_options)
