#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "varia/export.hpp"

namespace varia {

/// SHA-256 of what it is fed, piece by piece.
class VARIA_API Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(const void* data, std::size_t bytes);
  void update(std::string_view text) { update(text.data(), text.size()); }
  /// 64 hexadecimal digits. No data may be fed after it.
  std::string digest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// SHA-256 of a text, 64 hexadecimal digits.
VARIA_API std::string digest_of_text(std::string_view text);

/// SHA-256 of the contents of the files, one after the other with their sizes; kept for as long as
/// the process lives and the files' sizes and times stay as they were. 55 MB take 0.1 s.
/// @throws DataError if a file cannot be read, or is not a file (a folder, a pipe).
VARIA_API std::string digest_of_files(const std::vector<std::filesystem::path>& files);

/// SHA-256 of the bytes of a file, as sha256sum prints it. nullopt if it cannot be read.
VARIA_API std::optional<std::string> digest_of_bytes(const std::filesystem::path& file);

/// SHA-256 of the file of a library that this process has opened; read once, so that one that is
/// built anew meanwhile is not taken for it, by this process or by those forked from it later.
/// @throws PluginError if the file cannot be read
VARIA_API std::string library_digest(const std::filesystem::path& file);

}  // namespace varia
