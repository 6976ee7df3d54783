#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "varia/tensor.hpp"

/// The bytes of a checkpoint file (checkpoint.hpp has its layout). Private to framework/training.
namespace varia::training {

/// Writes numbers, texts and named tensors on the CPU; optional values, lists, maps, pairs and
/// structs of two members that consist of them.
class CheckpointWriter {
 public:
  CheckpointWriter();
  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }
  /// The whole file: head, checksum, content. The writer is empty after it.
  std::string sealed();

 private:
  void bytes(const void* data, std::size_t size);
  void put(std::int64_t value) { bytes(&value, sizeof value); }
  /// Its bits, so that NaN and -0 stay what they are.
  void put(double value) { bytes(&value, sizeof value); }
  void put(const std::string& value);
  /// Name, type, shape and bytes.
  void put_tensor(const std::string& name, const Tensor& tensor);
  template <class Name>
  void put(const std::pair<Name, Tensor>& named) {
    put_tensor(named.first, named.second);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(std::int64_t{value.has_value()});
    if (value) put(*value);
  }
  template <class T>
  void put(const T& value) {
    if constexpr (requires { value.size(); }) {
      put(static_cast<std::int64_t>(value.size()));
      for (const auto& item : value) put(item);
    } else {
      const auto& [first, second] = value;
      put(first);
      put(second);
    }
  }
  std::string file_;
};

/// Reads what CheckpointWriter wrote, in the same order. Throws StoreError if the content ends
/// early or is none; nothing is allocated that the rest of the content could not fill.
class CheckpointReader {
 public:
  /// Verifies magic, length, checksum and version. @param path for messages
  CheckpointReader(std::string path, std::string file);
  template <class... T>
  void operator()(T&... values) {
    (get(values), ...);
  }
  void expect_end() const;

 private:
  const char* take(std::size_t size);
  [[noreturn]] void fail(const std::string& what) const;
  /// A number of things that take at least a byte each.
  std::size_t count();
  void get(std::int64_t& value);
  void get(double& value);
  void get(std::string& value);
  void get(Tensor& value);
  template <class T>
  void get(std::optional<T>& value) {
    if (count() > 0) get(value.emplace());
  }
  template <class T>
  void get(std::vector<T>& list) {
    for (auto left = count(); left > 0; --left) get(list.emplace_back());
  }
  template <class T>
  void get(std::map<std::string, T>& map) {
    for (auto left = count(); left > 0; --left) {
      std::string key;
      get(key);
      get(map[key]);
    }
  }
  template <class T>
  void get(T& pair) {
    auto& [first, second] = pair;
    get(first);
    get(second);
  }
  std::string path_;
  std::string file_;
  std::size_t at_ = 0;
};

}  // namespace varia::training
