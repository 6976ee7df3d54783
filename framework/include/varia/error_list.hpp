#pragma once

#include <cstddef>
#include <vector>

#include "varia/error.hpp"
#include "varia/export.hpp"

namespace varia {

/// Collects what is wrong in an experiment, so that all of it is reported at once.
class VARIA_API ErrorList {
 public:
  /// Calls `read` and keeps the ConfigError that it throws, if any.
  template <class Read>
  void collect(const Read& read) {
    try {
      read();
    } catch (const ConfigError& error) {
      add(error);
    }
  }
  /// What another list has thrown is taken apart, and no message is kept twice.
  void add(const ConfigError& error);
  bool is_empty() const { return errors_.empty(); }
  /// @throws ConfigError if anything was collected: the one error, or one whose message has them in
  ///         the order of the file, each on its line. Of many, the first are spelled out.
  void raise() const;

 private:
  std::vector<ConfigError> errors_;
  std::size_t dropped_ = 0;  // beyond what is kept
};

}  // namespace varia
