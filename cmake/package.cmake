# The Debian packages; scripts/package builds them.
set(documents ${PROJECT_BINARY_DIR}/debian)
foreach(component IN ITEMS server bench)
  # Of a package alone: not in `cmake --install` without a component.
  install(FILES deploy/debian/copyright ${documents}/changelog.gz ${documents}/changelog.Debian.gz
    DESTINATION share/doc/${program_of_${component}} COMPONENT ${component} EXCLUDE_FROM_ALL)
  install(FILES deploy/debian/lintian-overrides DESTINATION share/lintian/overrides
    RENAME ${program_of_${component}} COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME turnomatic)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_COMPONENTS_ALL server bench)
set(CPACK_COMPONENTS_GROUPING IGNORE)
# Each component describes itself, its first line being the summary.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
# DESTDIR, since /etc/turnomatic is not below the prefix.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
# Whatever the umask of the one who builds it.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)

set(CPACK_DEBIAN_SERVER_PACKAGE_NAME turnomatic)
set(CPACK_DEBIAN_SERVER_PACKAGE_SECTION net)
set(CPACK_DEBIAN_SERVER_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_SERVER_PACKAGE_RECOMMENDS "ca-certificates")
set(CPACK_DEBIAN_SERVER_PACKAGE_SUGGESTS "redis-server (>= 5:7.0), turnomatic-bench")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA
  ${PROJECT_SOURCE_DIR}/deploy/debian/conffiles
  ${PROJECT_SOURCE_DIR}/deploy/debian/postinst
  ${PROJECT_SOURCE_DIR}/deploy/debian/postrm
  ${PROJECT_SOURCE_DIR}/deploy/debian/prerm)
set(CPACK_DEBIAN_SERVER_DESCRIPTION "turn counter over HTTP
Hands out the next number of a group to whoever asks: each number once, in
order, without holes, as a ticket machine does in a shop. Any number of
instances share the counters of one Redis, and requests that wait for the same
number share one command to it.
.
This package has the service, with a unit for systemd and a user of its own.
As installed it counts in memory and listens on the loopback.")

set(CPACK_DEBIAN_BENCH_PACKAGE_NAME turnomatic-bench)
set(CPACK_DEBIAN_BENCH_PACKAGE_SECTION net)
set(CPACK_DEBIAN_BENCH_DESCRIPTION "load generator and checker for turn counters
Makes load on one or several instances of turnomatic, closed or open loop, and
proves every turn that comes back: given once, none missing, none out of
order, over all connections and servers. Recordings of several hosts can be
proven together.")

include(CPack)
