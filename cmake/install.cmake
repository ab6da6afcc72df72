# What `cmake --install` and the packages put where. Two components, each a Debian package of its own:
# a host that makes load has no use for a service and its user.
include(GNUInstallDirs)

set(program_of_server turnomatic)
set(program_of_bench turnomatic-bench)
set(pages_of_server turnomatic.1 turnomatic.toml.5)
set(pages_of_bench turnomatic-bench.1)

foreach(component IN ITEMS server bench)
  set(name ${program_of_${component}})
  install(TARGETS ${name} RUNTIME COMPONENT ${component})
  foreach(page IN LISTS pages_of_${component})
    string(REGEX MATCH "[0-9]$" section ${page})
    install(FILES ${TURNOMATIC_REFERENCE_DIR}/man/${page}.gz
      DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT ${component})
  endforeach()
  # Where the three shells of Debian look.
  install(FILES ${TURNOMATIC_REFERENCE_DIR}/bash/${name}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT ${component})
  install(FILES ${TURNOMATIC_REFERENCE_DIR}/zsh/_${name}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT ${component})
  install(FILES ${TURNOMATIC_REFERENCE_DIR}/fish/${name}.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT ${component})
endforeach()

install(FILES deploy/systemd/sysusers.conf
  DESTINATION lib/sysusers.d RENAME turnomatic.conf COMPONENT server)
install(FILES deploy/systemd/secrets.conf
  DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples COMPONENT server)

# Paths in these follow the prefix, which is known when it is installed.
install(CODE "set(source_dir \"${PROJECT_SOURCE_DIR}\")
  set(reference_dir \"${TURNOMATIC_REFERENCE_DIR}\")" COMPONENT server)
install(SCRIPT cmake/install_for_service_manager.cmake COMPONENT server)
