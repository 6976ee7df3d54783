# varia_use_torch_pch(target...)
#
# Compiles LibTorch's headers once and not once a file: a small file that includes them takes 4 s
# instead of 10 (g++ 12). A file that does not need them takes 2 s more: SKIP_PRECOMPILE_HEADERS.
option(VARIA_PCH "Compile LibTorch's headers once (a file of 400 MB in the build folder)" ON)

function(varia_use_torch_pch)
  if(NOT VARIA_PCH)
    return()
  endif()
  if(NOT TARGET varia_torch_pch)
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/torch_pch.cpp CONTENT "")
    add_library(varia_torch_pch OBJECT ${PROJECT_BINARY_DIR}/torch_pch.cpp)
    target_compile_features(varia_torch_pch PRIVATE cxx_std_20)
    target_link_libraries(varia_torch_pch PRIVATE ${TORCH_LIBRARIES})
    target_precompile_headers(varia_torch_pch PRIVATE <ATen/Functions.h> <torch/nn/module.h>)
  endif()
  foreach(target IN LISTS ARGN)
    target_precompile_headers(${target} REUSE_FROM varia_torch_pch)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL EXECUTABLE)
      # The precompiled header is of no use to code that is compiled with -fPIE, as programs are.
      set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
      target_compile_options(${target} PRIVATE -fPIC)
    endif()
  endforeach()
  varia_cache_with_pch(varia_torch_pch ${ARGN})
endfunction()

# varia_cache_with_pch(target...): ccache keeps nothing of files with a precompiled header unless it
# may trust the header's content.
function(varia_cache_with_pch)
  if(CCACHE_PROGRAM)
    set_target_properties(${ARGN} PROPERTIES CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${CCACHE_PROGRAM}")
  endif()
endfunction()
