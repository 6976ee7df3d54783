# varia_embed_page(TARGET file...)
#
# Adds a source to a target that holds files of pages as text: page_files() of
# framework/pages/shared/page_assets.hpp.
set(VARIA_EMBED_PAGE ${CMAKE_CURRENT_LIST_DIR}/embed_page.cmake)

function(varia_embed_page target)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/page_files.cpp)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -D OUTPUT=${source} -D "FILES=${ARGN}" -P ${VARIA_EMBED_PAGE}
    DEPENDS ${ARGN} ${VARIA_EMBED_PAGE}
    COMMENT "Embedding the pages"
    VERBATIM)
  target_sources(${target} PRIVATE ${source})
endfunction()
