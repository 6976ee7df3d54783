#include "host/plugin_info.hpp"

#include "varia/sha256.hpp"

namespace varia::host {

std::string PluginInfo::digest() const { return library_digest(file); }

}  // namespace varia::host
