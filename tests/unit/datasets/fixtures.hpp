#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "support/contains.hpp"
#include "support/temporary_folder.hpp"
#include "varia/error.hpp"

namespace varia::datasets::testing {

using varia::testing::TemporaryFolder;

/// Sets a variable of the environment, or unsets it by null, and puts back what was there.
class Environment {
 public:
  Environment(std::string name, const char* value) : name_(std::move(name)) {
    if (const char* const before = std::getenv(name_.c_str())) {
      before_ = before;
      was_set_ = true;
    }
    set(value);
  }
  Environment(std::string name, const std::string& value)
      : Environment(std::move(name), value.c_str()) {}
  ~Environment() { set(was_set_ ? before_.c_str() : nullptr); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  void set(const char* value) const {
    if (value)
      ::setenv(name_.c_str(), value, 1);
    else
      ::unsetenv(name_.c_str());
  }
  std::string name_;
  std::string before_;
  bool was_set_ = false;
};

inline void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// An IDX file: header and values.
inline std::string idx_bytes(const std::vector<std::uint32_t>& sizes, const std::string& values,
                             char type = 0x08) {
  std::string bytes{'\0', '\0', type, static_cast<char>(sizes.size())};
  for (const auto size : sizes)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
  return bytes + values;
}

/// The message of the exception of type E that `action` throws; "nothing" if it throws none.
template <class E = DataError, class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing";
}

}  // namespace varia::datasets::testing
