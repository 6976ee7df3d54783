#pragma once

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace varia {

/// The system's words for an error: "No such file or directory" for ENOENT.
inline std::string system_reason(int error) { return std::generic_category().message(error); }

/// Owns a file descriptor: closes it with its scope. Moving hands it over.
class Descriptor {
 public:
  Descriptor() = default;
  /// Takes over a number as open(2) returns it; negative: none.
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  bool is_open() const { return number_ >= 0; }
  /// Negative if it is not open.
  int number() const { return number_; }
  /// Closes it now. @returns 0 or the error's number: a network file system may tell only here that
  ///         it could not store what was written
  int close() noexcept {
    if (!is_open()) return 0;
    return ::close(std::exchange(number_, -1)) == 0 ? 0 : errno;
  }

 private:
  int number_ = -1;
};

}  // namespace varia
