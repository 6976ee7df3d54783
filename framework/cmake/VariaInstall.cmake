# What `cmake --install` writes beside the targets: headers, VariaConfig.cmake, documentation. The
# tree can be moved: the program finds its libraries, plugins and data relative to itself.
include(CMakePackageConfigHelpers)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/framework/include/varia TYPE INCLUDE
  PATTERN host EXCLUDE)

string(REGEX MATCH "^[0-9]+" varia_compiler ${CMAKE_CXX_COMPILER_VERSION})
set(varia_compiler "${CMAKE_CXX_COMPILER_ID} ${varia_compiler}")
set(folder lib/cmake/Varia)
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/framework/cmake/VariaConfig.cmake.in ${folder}/VariaConfig.cmake
  INSTALL_DESTINATION ${folder}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${folder}/VariaConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
file(COPY ${PROJECT_SOURCE_DIR}/framework/cmake/VariaAddPlugin.cmake
  ${PROJECT_SOURCE_DIR}/framework/cmake/VariaTorch.cmake
  DESTINATION ${PROJECT_BINARY_DIR}/${folder})
install(DIRECTORY ${PROJECT_BINARY_DIR}/${folder} DESTINATION lib/cmake
  PATTERN VariaTargets.cmake EXCLUDE)
install(EXPORT VariaTargets NAMESPACE varia:: DESTINATION ${folder})
# A build folder is found as an installation is: -DCMAKE_PREFIX_PATH=build/release
export(EXPORT VariaTargets NAMESPACE varia:: FILE ${folder}/VariaTargets.cmake)

# The pages keep their places, so that the links between them hold. They are looked for when they are
# installed: behind a glob with CONFIGURE_DEPENDS, `ninja -n` never says that there is no work.
install(CODE "set(repository [[${PROJECT_SOURCE_DIR}]])")
install(CODE [[
  file(GLOB pages RELATIVE ${repository}
    ${repository}/CHANGELOG.md ${repository}/README.md ${repository}/*/README.md
    ${repository}/*/*/README.md ${repository}/plugins/models/*/README.md
    ${repository}/experiments/*.png ${repository}/experiments/*.yaml)
  foreach(page IN LISTS pages)
    cmake_path(GET page PARENT_PATH place)
    file(INSTALL ${repository}/${page} DESTINATION ${CMAKE_INSTALL_PREFIX}/share/doc/varia/${place})
  endforeach()
]])
# The Python package, where Debian's Python looks for it if the prefix is /usr.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/tools/python/varia DESTINATION lib/python3/dist-packages
  FILES_MATCHING PATTERN *.py PATTERN py.typed)
install(FILES LICENSE DESTINATION share/doc/varia RENAME copyright)
