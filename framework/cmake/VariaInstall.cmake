# What `cmake --install` writes beside the targets: headers, VariaConfig.cmake, documentation. The
# tree can be moved: the program finds its libraries, plugins and data relative to itself.
include(CMakePackageConfigHelpers)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/framework/include/varia TYPE INCLUDE)

string(REGEX MATCH "^[0-9]+" varia_compiler ${CMAKE_CXX_COMPILER_VERSION})
set(varia_compiler "${CMAKE_CXX_COMPILER_ID} ${varia_compiler}")
set(folder lib/cmake/Varia)
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/framework/cmake/VariaConfig.cmake.in VariaConfig.cmake
  INSTALL_DESTINATION ${folder}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(VariaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/VariaConfig.cmake
  ${PROJECT_BINARY_DIR}/VariaConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/framework/cmake/VariaAddPlugin.cmake
  DESTINATION ${folder})
install(EXPORT VariaTargets NAMESPACE varia:: DESTINATION ${folder})

# The pages keep their places, so that the links between them hold.
file(GLOB pages RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS
  CHANGELOG.md LICENSE README.md */README.md */*/README.md experiments/*.png experiments/*.yaml)
foreach(page IN LISTS pages)
  cmake_path(GET page PARENT_PATH place)
  install(FILES ${page} DESTINATION share/doc/varia/${place})
endforeach()
