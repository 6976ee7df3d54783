#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "training/checkpoint/component_state.hpp"

/// The bytes of a checkpoint file (checkpoint.hpp has its layout). Private to framework/training.
namespace varia::training {

class CheckpointWriter {
 public:
  CheckpointWriter();
  void integer(std::int64_t value);
  /// Its bits, so that NaN and -0 stay what they are.
  void real(double value);
  void count(std::size_t value) { integer(static_cast<std::int64_t>(value)); }
  void text(const std::string& value);
  /// Names, types, shapes and the bytes of tensors on the CPU.
  void tensors(const NamedTensors& values);
  /// The whole file: head, checksum, content. The writer is empty after it.
  std::string sealed();

 private:
  void bytes(const void* data, std::size_t size);
  std::string file_;
};

/// Reads what CheckpointWriter wrote. Every function throws StoreError if the content ends early
/// or is none; nothing is allocated that the rest of the content could not fill.
class CheckpointReader {
 public:
  /// Verifies magic, length, checksum and version. @param path for messages
  CheckpointReader(std::string path, std::string file);
  std::int64_t integer();
  double real();
  /// A number of things that take at least a byte each.
  std::size_t count();
  std::string text();
  NamedTensors tensors();
  void expect_end() const;

 private:
  const char* take(std::size_t size);
  Tensor tensor();
  [[noreturn]] void fail(const std::string& what) const;
  std::string path_;
  std::string file_;
  std::size_t at_ = 0;
};

}  // namespace varia::training
