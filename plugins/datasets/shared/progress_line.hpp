#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace varia::datasets {

/// Says on stderr how far a job is that takes more than a second: on a terminal in a line that is
/// removed in the end, else in a line every ten seconds.
class ProgressLine {
 public:
  /// @param what  is being done: "reading images"
  /// @param count of what there is to do
  ProgressLine(std::string what, std::size_t count);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// @param done of the count
  void show(std::size_t done);

 private:
  std::string what_;
  std::size_t count_;
  bool on_terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace varia::datasets
