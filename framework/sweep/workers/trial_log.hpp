#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace varia::sweep {

/// What a worker prints while it runs one trial: a file without a name, which the worker's output
/// goes to.
class TrialLog {
 public:
  /// @throws Error if no temporary file can be made
  TrialLog();
  int descriptor() const;
  /// Forgets what was printed so far.
  void restart();
  /// To be called now and then while the worker prints: of more than 64 MiB the end is kept.
  void limit();
  /// The last lines, on one line: "a | b | c"; empty if nothing was printed.
  std::string tail() const;
  /// Appends what was printed to a file; makes none if nothing was. A failure is not an error: it
  /// is only a log.
  void append_to(const std::filesystem::path& file) const;

 private:
  std::size_t size() const;
  std::string read(std::size_t most) const;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace varia::sweep
