# Takes the libraries other than LibTorch from VARIA_LIBRARIES, a folder that tools/libraries has made, for a
# machine where none can be installed.
set(VARIA_LIBRARIES "" CACHE PATH "Folder that tools/libraries has made; empty: the system's libraries")
# Where what is installed finds LibTorch and these; Debian's are where every program looks.
set(VARIA_RPATH "")
if(VARIA_TORCH)
  list(APPEND VARIA_RPATH ${VARIA_TORCH}/lib)
endif()
if(VARIA_LIBRARIES)
  file(GLOB folder LIST_DIRECTORIES TRUE ${VARIA_LIBRARIES}/lib/*-linux-gnu)
  if(NOT EXISTS ${VARIA_LIBRARIES}/bin/pkg-config OR NOT IS_DIRECTORY "${folder}")
    message(FATAL_ERROR "VARIA_LIBRARIES: ${VARIA_LIBRARIES} is no folder that tools/libraries has made")
  endif()
  list(PREPEND CMAKE_PREFIX_PATH ${VARIA_LIBRARIES})
  list(PREPEND CMAKE_LIBRARY_PATH ${folder})
  include_directories(SYSTEM ${VARIA_LIBRARIES}/include)
  set(PKG_CONFIG_EXECUTABLE ${VARIA_LIBRARIES}/bin/pkg-config)
  # Not that of another HDF5: its libraries are looked for instead.
  set(HDF5_C_COMPILER_EXECUTABLE "")
  set(HDF5_CXX_COMPILER_EXECUTABLE "")
  # These libraries find each other by the run path of the program. Only the older kind is handed on.
  add_link_options(-Wl,--disable-new-dtags)
  set(CMAKE_BUILD_RPATH ${folder})
  list(APPEND VARIA_RPATH ${folder})
endif()
