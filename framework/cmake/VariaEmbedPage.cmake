# varia_embed_page(TARGET FOLDER file...)
#
# Adds a source to a target that holds files of a page as text: page_files() of
# framework/FOLDER/page_files.hpp, in the order given.
set(VARIA_EMBED_PAGE ${CMAKE_CURRENT_LIST_DIR}/embed_page.cmake)

function(varia_embed_page target folder)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/page_files.cpp)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -D OUTPUT=${source} -D FOLDER=${folder} -D "FILES=${ARGN}"
      -P ${VARIA_EMBED_PAGE}
    DEPENDS ${ARGN} ${VARIA_EMBED_PAGE}
    COMMENT "Embedding the page of framework/${folder}"
    VERBATIM)
  target_sources(${target} PRIVATE ${source})
endfunction()
