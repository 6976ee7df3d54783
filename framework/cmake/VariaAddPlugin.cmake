# varia_add_plugin(NAME file... [LIBRARIES target...])
#
# A plugin: the library NAME.so, which `varia` opens. It works inside Varia's own tree and, after
# find_package(Varia), in a project of its own.
#
# The target is plugin_NAME; the target `varia_plugins` builds all plugins. The library appears in
# VARIA_PLUGIN_OUTPUT_DIRECTORY (<build>/plugins unless set) and is installed to lib/varia/plugins.
function(varia_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SOURCES;LIBRARIES")
  set(sources ${ARG_UNPARSED_ARGUMENTS} ${ARG_SOURCES})
  if(NOT sources)
    message(FATAL_ERROR "varia_add_plugin(${name}): no source file. Expected "
      "varia_add_plugin(NAME file... [LIBRARIES target...])")
  endif()
  if(NOT name MATCHES "^[a-z][a-z0-9_]*$")
    message(FATAL_ERROR "varia_add_plugin(${name}): a name has lower-case letters, digits and _")
  endif()
  set(folder ${VARIA_PLUGIN_OUTPUT_DIRECTORY})
  if(NOT folder)
    set(folder ${PROJECT_BINARY_DIR}/plugins)
  endif()

  set(target plugin_${name})
  add_library(${target} MODULE ${sources})
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_link_libraries(${target} PRIVATE varia::varia ${ARG_LIBRARIES})
  # A missing symbol is an error of the linker, not of the program that opens the plugin.
  target_link_options(${target} PRIVATE -Wl,-z,defs)
  set_target_properties(${target} PROPERTIES
    PREFIX ""
    OUTPUT_NAME ${name}
    SUFFIX .so
    CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${folder}
    INSTALL_RPATH "$ORIGIN/../..")
  if(COMMAND varia_use_torch_pch)
    varia_use_torch_pch(${target})
  endif()
  install(TARGETS ${target} LIBRARY DESTINATION lib/varia/plugins)

  if(NOT TARGET varia_plugins)
    add_custom_target(varia_plugins)
  endif()
  add_dependencies(varia_plugins ${target})
endfunction()
