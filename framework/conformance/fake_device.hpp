#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// A device of LibTorch that is not the CPU, for machines that have none. Its memory can only be
/// read and written while one of its own operators runs; any other access ends the process.
/// Operators are those of the CPU, so that the numbers are the same.
namespace varia::conformance {

/// "privateuseone"; with LibTorch 1, whose modules cannot be moved there, "xpu", of which it has no
/// operators either.
extern const char* const kFakeDevice;

/// What was done on the fake device since `reset`.
struct FakeDeviceUse {
  std::int64_t operators = 0;  ///< that had a tensor there
  std::int64_t reads = 0;      ///< of numbers by the host: item(), copies to the CPU
  std::int64_t waits = 0;      ///< copies from the CPU that are not `non_blocking`
  /// Operators that were given tensors of both devices, each once: what CUDA refuses.
  std::vector<std::string> mixed;
};

/// Registers the device with LibTorch, once for the process, before it has differentiated anything.
void add_fake_device();

/// From now on the process ends with `exit_code` and a line on standard output that explains it, if
/// it touches the device's memory outside of the device's operators.
void explain_access(int exit_code);

FakeDeviceUse fake_device_use();
void reset_fake_device_use();

}  // namespace varia::conformance
