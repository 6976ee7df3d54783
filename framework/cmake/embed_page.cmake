# cmake -D OUTPUT=FILE.cpp -D "FILES=a;b;..." -P embed_page.cmake
# Files as text in a C++ source: page_files() of framework/pages/shared/page_assets.hpp.
set(types ".html=text/html" ".css=text/css" ".js=text/javascript" ".svg=image/svg+xml")
set(rows "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  get_filename_component(extension ${file} LAST_EXT)
  set(type "")
  foreach(pair IN LISTS types)
    if(pair MATCHES "^\\${extension}=(.*)$")
      set(type ${CMAKE_MATCH_1})
    endif()
  endforeach()
  if(NOT type)
    message(FATAL_ERROR "embed_page.cmake: ${name}: the media type of ${extension} is not known")
  endif()
  file(READ ${file} content)
  if(content MATCHES "\\)embedded\"")
    message(FATAL_ERROR "embed_page.cmake: ${name} has the mark that ends an embedded text")
  endif()
  string(APPEND rows
    "      {\"${name}\", \"${type}; charset=utf-8\", R\"embedded(${content})embedded\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"pages/shared/page_assets.hpp\"

namespace varia::pages {

const std::vector<PageFile>& page_files() {
  static const std::vector<PageFile> files = {
${rows}  };
  return files;
}

}  // namespace varia::pages
")
