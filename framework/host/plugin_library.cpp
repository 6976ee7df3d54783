#include "host/plugin_library.hpp"

#define BOOST_DLL_USE_STD_FS
#include <dlfcn.h>

#include <boost/core/demangle.hpp>
#include <boost/dll/shared_library.hpp>
#include <memory>
#include <vector>

#include "varia/error.hpp"

namespace varia::host {
namespace {

using boost::dll::shared_library;

void keep_open(shared_library library) {
  // Never destroyed: other static objects may still use the libraries when the program ends.
  static auto* const kept = std::make_unique<std::vector<shared_library>>().release();
  kept->push_back(std::move(library));
}

/// The reason why the last library was not opened, without the file's name, symbols readable.
std::string open_error(const std::filesystem::path& file) {
  const char* const reason = dlerror();
  std::string text = reason ? reason : "unknown reason";
  const auto prefix = file.string() + ": ";
  if (text.starts_with(prefix)) text.erase(0, prefix.size());
  const std::string marker = "undefined symbol: ";
  if (text.starts_with(marker)) {
    const auto symbol = text.substr(marker.size(), text.find_first_of(" ,(") - marker.size());
    return "undefined symbol " + boost::core::demangle(symbol.c_str()) +
           ". Name the library that defines it in varia_add_plugin(... LIBRARIES ...).";
  }
  return text + ".";
}

}  // namespace

PluginLibrary open_library(const std::filesystem::path& file) {
  namespace mode = boost::dll::load_mode;
  shared_library library;
  std::error_code error;
  library.load(file, error, mode::rtld_now | mode::rtld_local);
  if (error) throw PluginError(file.string(), "cannot be opened: " + open_error(file));
  for (const char* symbol :
       {"varia_register_plugin", "varia_plugin_name", "varia_plugin_version"}) {
    if (!library.has(symbol)) {
      throw PluginError(file.string(), std::string("has an ABI tag, but no symbol ") + symbol +
                                           ". Write VARIA_PLUGIN once, outside of any unnamed "
                                           "namespace.");
    }
  }
  PluginLibrary result;
  result.name = &library.get<const char>("varia_plugin_name");
  result.version = &library.get<const char>("varia_plugin_version");
  result.register_components = &library.get<void(Registry&)>("varia_register_plugin");
  keep_open(std::move(library));
  return result;
}

}  // namespace varia::host
