# Tests train on the CPU, on a machine that has GPUs, too: their figures and messages are the same everywhere.
set(VARIA_TEST_ENVIRONMENT VARIA_SOURCE_DIR=${PROJECT_SOURCE_DIR} VARIA_BUILD_DIR=${PROJECT_BINARY_DIR}
  CUDA_VISIBLE_DEVICES=)

# varia_add_tests(NAME SOURCES file... [LIBRARIES target...])
#
# One Catch2 program. Its fast tests are one ctest entry, `NAME`; those tagged [slow] are a second
# entry, `NAME (slow)`, with the label `slow`.
function(varia_add_tests name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(program test_${name})
  add_executable(${program} ${ARG_SOURCES})
  target_include_directories(${program} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${program} PRIVATE varia_catch_main ${ARG_LIBRARIES})
  # ctest runs several programs at once, and threads of OpenMP wait for each other in loops that
  # take the cores of the others.
  set(environment "${VARIA_TEST_ENVIRONMENT};OMP_NUM_THREADS=1")
  add_test(NAME ${name} COMMAND ${program} "~[slow]")
  set_tests_properties(${name} PROPERTIES ENVIRONMENT "${environment}")
  set(slow_tests "")
  foreach(source IN LISTS ARG_SOURCES)
    file(STRINGS ${source} lines REGEX "\\[slow\\]")
    list(APPEND slow_tests ${lines})
  endforeach()
  if(slow_tests)
    add_test(NAME "${name} (slow)" COMMAND ${program} "[slow]")
    set_tests_properties("${name} (slow)" PROPERTIES LABELS slow ENVIRONMENT "${environment}")
  endif()
endfunction()

# varia_add_python_tests(PREFIX SUBJECTS subject... [ENVIRONMENT NAME=VALUE...] [TIMEOUT seconds])
#
# Programs SUBJECT_test.py of the current folder as ctest entries `PREFIX_SUBJECT` with the label
# `slow`. They find the program in VARIA_PROGRAM, the repository and the build in VARIA_SOURCE_DIR
# and VARIA_BUILD_DIR, and what tests share in tests/support. They run with Debian's own Python:
# another one that is first in PATH need not have the packages of tools/setup.
function(varia_add_python_tests prefix)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SUBJECTS;ENVIRONMENT" ${ARGN})
  foreach(subject IN LISTS ARG_SUBJECTS)
    set(name ${prefix}_${subject})
    add_test(NAME ${name}
             COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/${subject}_test.py)
    set(environment ${VARIA_TEST_ENVIRONMENT} VARIA_PROGRAM=$<TARGET_FILE:varia_cli>
      PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/support)
    set_tests_properties(${name} PROPERTIES
      LABELS slow ENVIRONMENT "${environment};${ARG_ENVIRONMENT}")
    if(ARG_TIMEOUT)
      set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
    endif()
  endforeach()
endfunction()
