# varia_find_torch(problem)
#
# Finds LibTorch: that of VARIA_TORCH, or without it the one that find_package(Torch) finds (Debian's).
# Sets TORCH_LIBRARIES and Torch_VERSION in the caller; `problem` says what is wrong, or is empty.
#
# VARIA_TORCH is a folder with include/ and lib/: LibTorch's archive, unpacked, or site-packages/torch of
# pip or conda. The CMake package in it is not used: that of a build with CUDA stops without the CUDA
# toolkit, which compiling against its headers does not take.
set(VARIA_TORCH "" CACHE PATH "Folder with LibTorch's include and lib; empty: find_package(Torch)")

function(varia_find_torch problem)
  set(${problem} "" PARENT_SCOPE)
  if(NOT VARIA_TORCH)
    find_package(Torch QUIET)
    if(NOT Torch_FOUND)
      set(${problem} "no TorchConfig.cmake was found. On Debian: apt-get install libtorch-dev. \
Elsewhere: -DVARIA_TORCH=DIR, an unpacked LibTorch or site-packages/torch of a Python environment."
        PARENT_SCOPE)
    endif()
    set(TORCH_LIBRARIES ${TORCH_LIBRARIES} PARENT_SCOPE)
    set(Torch_VERSION ${Torch_VERSION} PARENT_SCOPE)
    return()
  endif()

  set(libraries ${VARIA_TORCH}/lib/libtorch.so ${VARIA_TORCH}/lib/libtorch_cpu.so
    ${VARIA_TORCH}/lib/libc10.so)
  foreach(file IN ITEMS ${VARIA_TORCH}/include/ATen/core/Tensor.h ${libraries})
    if(NOT EXISTS ${file})
      set(${problem} "VARIA_TORCH: ${file} is not there. Expected the folder of an unpacked LibTorch, \
or site-packages/torch of a Python environment." PARENT_SCOPE)
      return()
    endif()
  endforeach()

  set(version "")
  # Of LibTorch 2.9 and later, and of those before.
  foreach(header IN ITEMS torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
    if(NOT version AND EXISTS ${VARIA_TORCH}/include/${header})
      foreach(part IN ITEMS MAJOR MINOR PATCH)
        file(STRINGS ${VARIA_TORCH}/include/${header} line
          REGEX "^#define TORCH_VERSION_${part} [0-9]+")
        if(line)
          string(REGEX MATCH "[0-9]+$" number "${line}")
          list(APPEND version ${number})
        endif()
      endforeach()
    endif()
  endforeach()
  list(JOIN version "." version)

  # Until 2.6 the wheels of pip had the strings of GCC 4, with which no other library links.
  file(STRINGS ${VARIA_TORCH}/lib/libc10.so strings_of_gcc5 REGEX "NSt7__cxx1112basic_string"
    LIMIT_COUNT 1)
  if(NOT strings_of_gcc5)
    set(${problem} "VARIA_TORCH: ${VARIA_TORCH} was built with the old strings of C++ \
(_GLIBCXX_USE_CXX11_ABI=0). Take LibTorch's archive with cxx11-abi in its name, or PyTorch 2.7 or later."
      PARENT_SCOPE)
    return()
  endif()

  if(NOT TARGET varia_torch)
    # The folder has other libraries' headers, too, and those of fmt are not the system's.
    set(include ${CMAKE_BINARY_DIR}/torch_include)
    file(MAKE_DIRECTORY ${include})
    foreach(part IN ITEMS ATen c10 caffe2 torch)
      file(CREATE_LINK ${VARIA_TORCH}/include/${part} ${include}/${part} SYMBOLIC)
    endforeach()
    add_library(varia_torch INTERFACE IMPORTED GLOBAL)
    target_include_directories(varia_torch INTERFACE
      ${include} ${include}/torch/csrc/api/include)
    # libtorch.so brings the libraries of CUDA, though no symbol of its own is used.
    target_link_libraries(varia_torch INTERFACE
      -Wl,--push-state,--no-as-needed ${libraries} -Wl,--pop-state)
  endif()
  set(TORCH_LIBRARIES varia_torch PARENT_SCOPE)
  set(Torch_VERSION ${version} PARENT_SCOPE)
endfunction()
