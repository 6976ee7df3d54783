#include "host/plugin_info.hpp"

#include <fstream>
#include <vector>

#include "varia/error.hpp"
#include "varia/sha256.hpp"

namespace varia::host {

const std::string& PluginInfo::digest() const {
  if (!digest_.empty()) return digest_;
  std::ifstream stream(file, std::ios::binary);
  Sha256 hash;
  std::vector<char> buffer(std::size_t{1} << 16);
  while (stream) {
    stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    hash.update(buffer.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (!stream.eof()) {
    throw PluginError(file.string(), "cannot be read any more; its digest belongs to the results.");
  }
  return digest_ = hash.digest();
}

}  // namespace varia::host
