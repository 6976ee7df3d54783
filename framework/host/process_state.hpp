#pragma once

#include <array>
#include <cfenv>
#include <csignal>
#include <cstddef>
#include <locale>
#include <string>

namespace varia::host {

/// Keeps what a library can change for the whole process while it is opened, and puts it back when
/// it goes out of scope: floating-point control (a library that was linked with -ffast-math rounds
/// denormal numbers to zero for everybody), signal mask and handlers, locale, and the number of
/// threads of OpenMP and OpenBLAS.
class ProcessState {
 public:
  ProcessState();
  ~ProcessState();
  ProcessState(const ProcessState&) = delete;
  ProcessState& operator=(const ProcessState&) = delete;
  /// Threads that were started since and still run. They cannot be put back, and do not outlive a
  /// fork: a worker process would wait for them for ever.
  std::size_t new_threads() const;

 private:
  static constexpr int kSignals = 64;
  std::fenv_t floating_point_{};
  sigset_t mask_{};
  std::array<struct sigaction, kSignals + 1> handlers_{};
  std::string c_locale_;
  std::locale cpp_locale_;
  int openmp_threads_ = 0;
  int openblas_threads_ = 0;
  std::size_t threads_ = 0;
};

}  // namespace varia::host
