# Runs when it is installed. The units name /usr/bin and /etc; with another prefix their paths are below
# that. The configuration of somebody who installs again stays.
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(configuration_dir /etc/turnomatic)
else()
  set(configuration_dir ${CMAKE_INSTALL_PREFIX}/etc/turnomatic)
endif()

foreach(unit IN ITEMS turnomatic.service turnomatic.socket)
  file(READ ${source_dir}/deploy/systemd/${unit} text)
  string(REPLACE /usr/bin/ ${CMAKE_INSTALL_PREFIX}/bin/ text "${text}")
  string(REPLACE /etc/turnomatic/ ${configuration_dir}/ text "${text}")
  set(target $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/systemd/system/${unit})
  message(STATUS "Installing: ${target}")
  file(WRITE ${target} "${text}")
  file(CHMOD ${target} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endforeach()

if(EXISTS $ENV{DESTDIR}${configuration_dir}/turnomatic.toml)
  message(STATUS "Kept: $ENV{DESTDIR}${configuration_dir}/turnomatic.toml")
else()
  # It puts DESTDIR in front by itself.
  file(INSTALL ${reference_dir}/turnomatic.toml DESTINATION ${configuration_dir})
endif()
